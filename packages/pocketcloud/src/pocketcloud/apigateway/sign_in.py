"""Sign a made-up user in to a Cognito user pool of an offline cloud, in this process or a served one."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

# A password that satisfies any Cognito password policy; the pool exists only offline.
_CREDENTIAL = "Offline-Password-1!"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A user's credentials for `initiate_auth`."""

    app_client: str
    username: str
    password: str = _CREDENTIAL


def create_user(cognito: "CognitoIdentityProviderClient", pool_id: str, sign_in: SignIn) -> bool:
    """Create the user with the password; return whether the user is new."""
    with suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(UserPoolId=pool_id, Username=sign_in.username, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=sign_in.username, Password=sign_in.password, Permanent=True
        )
        return True
    return False


def user_tokens(
    cognito: "CognitoIdentityProviderClient", sign_in: SignIn
) -> "AuthenticationResultTypeTypeDef":
    """Return the user's tokens."""
    return cognito.initiate_auth(
        ClientId=sign_in.app_client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": sign_in.username, "PASSWORD": sign_in.password},
    )["AuthenticationResult"]
