"""Credentials of the payment provider, from Secrets Manager, refreshed every few minutes."""

import time
from functools import lru_cache

import msgspec

from functions.shared.runtime.clients import secrets_manager
from functions.shared.runtime.environment import required

CACHE_SECONDS = 300.0
"""Maximum age of cached credentials."""


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """The secret's JSON; its values stay out of logs and errors."""

    api_key: str
    webhook_secret: str

    def __repr__(self) -> str:
        return "Credentials(…)"


def credentials() -> Credentials:
    """Return the credentials; raise ClientError if the secret is empty."""
    return _read(required("PAYMENT_SECRET"), int(time.monotonic() // CACHE_SECONDS))


@lru_cache(maxsize=1)
def _read(secret: str, _period: int) -> Credentials:
    """Read the secret, once in each period."""
    value = secrets_manager().get_secret_value(SecretId=secret)["SecretString"]
    return msgspec.json.decode(value, type=Credentials)
