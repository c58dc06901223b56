"""What the payment provider knows us by, from Secrets Manager: read at first use, and every few minutes."""

import time
from functools import lru_cache

import msgspec

from functions.shared.runtime.clients import secrets_manager
from functions.shared.runtime.environment import required

KEPT = 300.0
"""Seconds; a key that was changed is used within five minutes."""


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """The secret's JSON; its values stay out of logs and errors."""

    api_key: str
    webhook_secret: str

    def __repr__(self) -> str:
        return "Credentials(…)"


def credentials() -> Credentials:
    """The provider's credentials; raises ClientError where nobody has put any into the secret."""
    return _read(required("PAYMENT_SECRET"), int(time.monotonic() // KEPT))


@lru_cache(maxsize=1)
def _read(secret: str, period: int) -> Credentials:  # noqa: ARG001 - a new period is read anew
    value = secrets_manager().get_secret_value(SecretId=secret)["SecretString"]
    return msgspec.json.decode(value, type=Credentials)
