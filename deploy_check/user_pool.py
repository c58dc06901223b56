"""A customer's token from the deployed Cognito user pool."""

import secrets
from collections.abc import Mapping

from deploy_check.endpoint import Endpoint


def sign_in(endpoint: Endpoint, outputs: Mapping[str, str], *, email: str) -> str:
    """Create a customer in the deployed user pool, sign in, and return the access token."""
    cognito = endpoint.client("cognito-idp")
    credential = f"{secrets.token_urlsafe(16)}-Aa1!"
    pool = outputs["UserPoolId"]
    cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=credential, Permanent=True)
    response = cognito.initiate_auth(
        ClientId=outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": credential},
    )
    return str(response["AuthenticationResult"]["AccessToken"])
