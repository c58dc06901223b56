"""The access tokens that the HTTP API accepts."""

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infrastructure.application import Stage

OWN_SCOPE = "aws.cognito.signin.user.admin"
"""In every access token of a user pool and in no ID token: requiring it rejects ID tokens."""


class CustomerTokens(Construct):
    """The issuer, audience and scope of a token: those of the settings, or of a user pool made here."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        token = stage.settings.token
        if token.issuer and token.audience and token.scope:
            self.issuer, self.audience, self.scope = token.issuer, token.audience, token.scope
            self.operator_scope = token.operator_scope or token.scope
        else:
            pool = self._user_pool(stage)
            client = self._client(pool, stage)
            region = Stack.of(self).region
            self.issuer = f"https://cognito-idp.{region}.{Stack.of(self).url_suffix}/{pool.user_pool_id}"
            self.audience, self.scope = client.user_pool_client_id, OWN_SCOPE
            self.operator_scope = OWN_SCOPE  # the function looks at the user's groups
            CfnOutput(self, "UserPoolId", value=pool.user_pool_id).override_logical_id("UserPoolId")
            CfnOutput(self, "ClientId", value=self.audience).override_logical_id("UserPoolClientId")

    def _user_pool(self, stage: Stage) -> cognito.UserPool:
        return cognito.UserPool(
            self,
            "UserPool",
            user_pool_name=stage.names.of("customers"),
            sign_in_aliases=cognito.SignInAliases(email=True),
            # Ada@ and ada@ are one person; a pool cannot change this later.
            sign_in_case_sensitive=False,
            self_sign_up_enabled=True,
            password_policy=cognito.PasswordPolicy(min_length=12),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=stage.settings.deletion_protection,
            removal_policy=RemovalPolicy[stage.settings.removal_policy.upper()],
        )

    def _client(self, pool: cognito.UserPool, stage: Stage) -> cognito.UserPoolClient:
        return pool.add_client(
            "Client",
            user_pool_client_name=stage.names.of(stage.application.api_client),
            # In production no password leaves the device, nor reaches a proxy's log.
            # https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
            auth_flows=cognito.AuthFlow(user_password=not stage.settings.production, user_srp=True),
            # No OAuth redirects, and no secret: a browser cannot keep one.
            disable_o_auth=True,
            generate_secret=False,
            prevent_user_existence_errors=True,
        )
