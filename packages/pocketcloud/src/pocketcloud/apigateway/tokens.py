"""Sign users in to the Cognito user pool that the deployed HTTP API trusts."""

from datetime import datetime, timedelta

from moto.cognitoidp.models import CognitoIdpUserPool

from pocketcloud.apigateway.http_api import ApiCloud, deployed_apis
from pocketcloud.apigateway.issuers import name_subject, user_pool
from pocketcloud.apigateway.sign_in import SignIn, create_user, user_tokens


class NoUserPoolError(LookupError):
    """The deployed API trusts an issuer other than a deployed Cognito user pool."""


class Tokens:
    """Signs users in and caches their access tokens until they expire on the virtual clock."""

    def __init__(self, cloud: ApiCloud) -> None:
        self._cloud = cloud
        self._cached: dict[str, tuple[str, datetime]] = {}

    def token(self, user: str) -> str:
        """Return a valid access token with the user's name as `sub`."""
        token, until = self._cached.get(user, ("", self._cloud.clock.now()))
        if until <= self._cloud.clock.now():
            token, until = self._new_token(user)
            self._cached[user] = token, until
        return token

    def sign_in(self, user: str) -> SignIn:
        """Return the user's credentials; create the user if necessary."""
        cognito = self._cloud.client("cognito-idp")
        pool, app_client = self._trusted()
        by_email = "email" in (pool.extended_config.get("UsernameAttributes") or ())
        username = f"{user}@example.com" if by_email and "@" not in user else user
        sign_in = SignIn(app_client, username)
        if create_user(cognito, pool.id, sign_in):
            name_subject(pool, username, user)
        return sign_in

    def _new_token(self, user: str) -> tuple[str, datetime]:
        signed_in = user_tokens(self._cloud.client("cognito-idp"), self.sign_in(user))
        return signed_in["AccessToken"], self._cloud.clock.now() + timedelta(seconds=signed_in["ExpiresIn"])

    def _trusted(self) -> tuple[CognitoIdpUserPool, str]:
        """Return the user pool and the app client of the deployed API's authorizer."""
        trusted = [
            authorizer.to_json()["jwtConfiguration"]
            for api in deployed_apis().values()
            for authorizer in api.authorizers.values()
        ]
        for config in trusted:
            pool = user_pool(config["issuer"])
            for app_client in config["audience"] if pool else ():
                if pool is not None and app_client in pool.clients:
                    return pool, app_client
        named = ", ".join(config["issuer"] for config in trusted) or "no issuer"
        raise NoUserPoolError(
            f"the HTTP API trusts {named}: pass a token of that issuer in the Authorization header"
        )
