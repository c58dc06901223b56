"""Stripe's API over HTTPS: one request, and one bounded answer or none."""

from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urlsplit

import msgspec

from functions.payments.gateway import UnknownOutcomeError
from functions.payments.secret import credentials
from functions.shared.environment import required

VERSION = "2024-06-20"
"""The API's version: what its answers look like changes when we say so. https://docs.stripe.com/api/versioning"""
CONNECTED_WITHIN = 2.0
ANSWERED_WITHIN = 8.0
"""Seconds; together as long as a gateway may take (`LONGEST_ANSWER`)."""
MOST_BYTES = 1024 * 1024


class Answer(msgspec.Struct, frozen=True):
    """What Stripe said."""

    status: int
    body: bytes


def get(path: str, query: Mapping[str, str]) -> Answer:
    """Look something up; raises `UnknownOutcomeError` where no answer came."""
    return _ask("GET", f"{path}?{urlencode(query)}")


def post(path: str, form: Mapping[str, str], *, key: str) -> Answer:
    """Have something done once under that key; raises `UnknownOutcomeError` where no answer came."""
    return _ask("POST", path, body=urlencode(form), headers={"Idempotency-Key": key})


def _ask(
    method: str, target: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    given = {
        "Authorization": f"Bearer {credentials().api_key}",
        "Stripe-Version": VERSION,
        "Content-Type": "application/x-www-form-urlencoded",
        **(headers or {}),
    }
    with closing(_connection()) as connection:
        try:
            connection.connect()
            connection.sock.settimeout(ANSWERED_WITHIN)
            connection.request(method, target, body=body, headers=given)
            response = connection.getresponse()
            answer = response.read(MOST_BYTES + 1)
        except (OSError, HTTPException) as silence:
            raise UnknownOutcomeError("gateway_silent", type(silence).__name__) from silence
    if len(answer) > MOST_BYTES:
        raise UnknownOutcomeError("answer_too_large", "the answer is longer than any that makes sense")
    return Answer(response.status, answer)


def _connection() -> HTTPConnection:
    """A new one each time: a kept one may be dead, and what was sent into it then is unknown."""
    url = urlsplit(required("STRIPE_URL"))
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    return kind(url.hostname or "", url.port, timeout=CONNECTED_WITHIN)
