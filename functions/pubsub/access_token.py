"""The access token for Pub/Sub: exchanged for the function's identity, and kept until shortly before its end.

https://docs.cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus

import msgspec

from functions.pubsub.http import NoResponseError, post
from functions.pubsub.identity import subject_token
from functions.shared.runtime.environment import required

SCOPE = "https://www.googleapis.com/auth/pubsub"
RENEWED_BEFORE = timedelta(minutes=5)
"""Longer than an invocation: a token does not expire while a batch is published."""


class NotGrantedError(Exception):
    """Google granted no token; an operator has to correct the pool or the provider, or it passes."""


class Granted(msgspec.Struct, frozen=True):
    """The response of the token service."""

    access_token: str
    expires_in: int


@cache
def access_tokens() -> "AccessTokens":
    """Return the function's one instance."""
    return AccessTokens()


class AccessTokens:
    """One token for all invocations of a sandbox."""

    def __init__(self) -> None:
        self._token, self._renewed_at = "", datetime.min.replace(tzinfo=UTC)

    def current(self) -> str:
        """Return a token that is valid for some minutes; raise `NotGrantedError` or `NoResponseError`."""
        now = datetime.now(UTC)
        if now >= self._renewed_at:
            granted = _exchange(required("IDENTITY_PROVIDER"))
            self._token = granted.access_token
            self._renewed_at = now + timedelta(seconds=granted.expires_in) - RENEWED_BEFORE
        return self._token

    def reject(self) -> None:
        """Forget the token, because Pub/Sub did not accept it."""
        self._renewed_at = datetime.min.replace(tzinfo=UTC)


def _exchange(provider: str) -> Granted:
    request = {
        "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
        "audience": provider,
        "scope": SCOPE,
        "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
        "subjectTokenType": "urn:ietf:params:aws:token-type:aws4_request",
        "subjectToken": subject_token(provider),
    }
    response = post(required("TOKEN_URL"), request, {})
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise NoResponseError(f"the token service returned status {response.status}")
    if response.status != HTTPStatus.OK:
        raise NotGrantedError(f"the token service returned status {response.status}")
    return msgspec.json.decode(response.body, type=Granted)
