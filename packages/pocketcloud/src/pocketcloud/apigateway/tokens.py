"""Sign users in to the Cognito user pool that the deployed HTTP API trusts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from moto.cognitoidp.exceptions import UsernameExistsException
from moto.cognitoidp.models import CognitoIdpUserPool, cognitoidp_backends

from pocketcloud.apigateway.endpoint_cloud import EndpointCloud
from pocketcloud.apigateway.http_api import deployed_apis
from pocketcloud.apigateway.issuers import name_subject, pool_issuer, user_pool
from pocketcloud.apigateway.sign_in import SignIn
from pocketcloud.core.engine import ACCOUNT
from pocketcloud.core.identifiers import new_identifier


class NoUserPoolError(LookupError):
    """The deployed API trusts an issuer other than a deployed Cognito user pool."""


class Tokens:
    """Signs users in and caches their access tokens until they expire on the virtual clock."""

    def __init__(self, cloud: EndpointCloud) -> None:
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
        pool, app_client = self._trusted()
        return _user_of(pool, app_client, user)

    def _new_token(self, user: str) -> tuple[str, datetime]:
        pool, app_client = self._trusted()
        username = _user_of(pool, app_client, user).username
        token, seconds = pool.create_access_token(app_client, username, origin_jti=new_identifier())
        return token, self._cloud.clock.now() + timedelta(seconds=seconds)

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


def pool_token(arns: Sequence[str], user: str, scopes: Sequence[str]) -> str:
    """Return a token of the first of these user pools, as its sign-in page would issue it.

    With scopes it is an access token that has them, otherwise an identity token.
    """
    for arn in arns:
        pool = user_pool(pool_issuer(arn))
        if pool is None or not pool.clients:
            continue
        app_client = next(iter(pool.clients))
        username = _user_of(pool, app_client, user).username
        if scopes:
            return pool.create_jwt(app_client, username, "access", extra_data={"scope": " ".join(scopes)})[0]
        return pool.create_id_token(app_client, username, origin_jti=new_identifier())[0]
    raise NoUserPoolError(f"none of {', '.join(arns)} has an app client: pass a token in the header")


def _user_of(pool: CognitoIdpUserPool, app_client: str, user: str) -> SignIn:
    by_email = "email" in (pool.extended_config.get("UsernameAttributes") or ())
    username = f"{user}@example.com" if by_email and "@" not in user else user
    sign_in = SignIn(app_client, username)
    # Without boto3: in a demo, every second order is a new user's.
    backend = cognitoidp_backends[ACCOUNT][pool.region]
    try:
        created = backend.admin_create_user(pool.id, username, "SUPPRESS", sign_in.password, [])
    except UsernameExistsException:
        return sign_in
    backend.admin_set_user_password(pool.id, username, sign_in.password, permanent=True)
    name_subject(created, user)
    return sign_in
