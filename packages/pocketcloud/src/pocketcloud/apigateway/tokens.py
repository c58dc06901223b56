"""Tokens as a customer would get them: from the Cognito user pool that the deployed HTTP API trusts."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from moto.cognitoidp.models import CognitoIdpUserPool

from pocketcloud.apigateway.http_api import Cloud, deployed_apis
from pocketcloud.apigateway.issuers import name_subject, user_pool

# A made-up password that satisfies any Cognito password policy; the pool lives in this process only.
_CREDENTIAL = "Offline-Customer-1!"


class NoUserPoolError(LookupError):
    """The deployed API trusts an issuer that cannot be asked for tokens offline."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a customer signs in with, as `initiate_auth` takes it."""

    app_client: str
    username: str
    password: str = _CREDENTIAL


class Tokens:
    """Signs customers in, each once, and keeps their access tokens until they expire on the virtual clock."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._held: dict[str, tuple[str, datetime]] = {}

    def token(self, customer: str) -> str:
        """A valid access token whose `sub` is the customer's name."""
        held, until = self._held.get(customer, ("", self._cloud.clock.now()))
        if until <= self._cloud.clock.now():
            held, until = self._fresh(customer)
            self._held[customer] = held, until
        return held

    def sign_in(self, customer: str) -> SignIn:
        """What the customer signs in with; the customer is in the user pool from here on."""
        cognito = self._cloud.client("cognito-idp")
        pool, app_client = self._trusted()
        by_mail = "email" in (pool.extended_config.get("UsernameAttributes") or ())
        username = f"{customer}@example.com" if by_mail and "@" not in customer else customer
        sign_in = SignIn(app_client, username)
        with suppress(cognito.exceptions.UsernameExistsException):
            cognito.admin_create_user(UserPoolId=pool.id, Username=username, MessageAction="SUPPRESS")
            cognito.admin_set_user_password(
                UserPoolId=pool.id, Username=username, Password=sign_in.password, Permanent=True
            )
            name_subject(pool, username, customer)
        return sign_in

    def _fresh(self, customer: str) -> tuple[str, datetime]:
        sign_in = self.sign_in(customer)
        signed_in = self._cloud.client("cognito-idp").initiate_auth(
            ClientId=sign_in.app_client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": sign_in.username, "PASSWORD": sign_in.password},
        )["AuthenticationResult"]
        return signed_in["AccessToken"], self._cloud.clock.now() + timedelta(seconds=signed_in["ExpiresIn"])

    def _trusted(self) -> tuple[CognitoIdpUserPool, str]:
        """The user pool and the app client that the deployed API's authorizer names."""
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
        named = ", ".join(config["issuer"] for config in trusted) or "nobody"
        raise NoUserPoolError(
            f"the HTTP API trusts {named}: pass a token of that issuer as Authorization header"
        )
