"""One HTTP request with a bounded time, over connections that are kept for the next ones."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from functions.shared.runtime.deadline import deadline

TIMEOUT_MS = 5_000
"""From connecting to the first byte of the response, and between two of its parts."""


class NoResponseError(Exception):
    """The outcome of the request is unknown; the same request again may publish twice."""


class HttpResponse(msgspec.Struct, frozen=True):
    """A status code and a body."""

    status: int
    body: bytes


def post(url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> HttpResponse:
    """Send a JSON body; raise `NoResponseError` without a response, and `OutOfTimeError` before one."""
    deadline().require(TIMEOUT_MS)
    try:
        response = pool().request(
            "POST",
            url,
            body=msgspec.json.encode(body),
            headers={**headers, "Content-Type": "application/json"},
        )
    except HTTPError as error:
        raise NoResponseError(type(error).__name__) from error
    return HttpResponse(response.status, response.data)


@cache
def pool() -> PoolManager:
    """Return the function's connections."""
    # No retries: SQS delivers again, and a redirect would carry the token to another host.
    return PoolManager(timeout=Timeout(total=TIMEOUT_MS / 1000), retries=False)
