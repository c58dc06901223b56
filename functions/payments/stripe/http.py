"""Stripe's API over HTTPS: one request, and one bounded answer or none."""

from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from functions.payments.gateway import MAXIMUM_RESPONSE_MS, UnknownOutcomeError
from functions.payments.stripe.secret import credentials
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.environment import required

VERSION = "2024-06-20"
"""The API's version: what its answers look like changes when we say so. https://docs.stripe.com/api/versioning"""
CONNECTED_WITHIN = 2.0
"""Seconds for each of the host's addresses, within the whole."""
ANSWERED_WITHIN = MAXIMUM_RESPONSE_MS / 1000
"""Seconds from connecting to the last byte of the body, however slowly the bytes come."""
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
    deadline().require(MAXIMUM_RESPONSE_MS)
    ends = monotonic() + ANSWERED_WITHIN
    with closing(_connection()) as connection:
        try:
            connection.connect()
            connection.sock.settimeout(_seconds_until(ends))
            connection.request(method, target, body=body, headers=given)
            response = _BoundedResponse(connection.sock, method, ends)
            response.begin()
            answer = response.read(MOST_BYTES + 1)
        except (OSError, HTTPException) as silence:
            raise UnknownOutcomeError("gateway_silent", type(silence).__name__) from silence
    if len(answer) > MOST_BYTES:
        raise UnknownOutcomeError("answer_too_large", "the answer is longer than any that makes sense")
    return Answer(response.status, answer)


class _BoundedResponse(HTTPResponse):
    """A response whose status line, headers and body all end before one deadline."""

    def __init__(self, sock: socket, method: str, ends: float) -> None:
        super().__init__(sock, method=method)
        self.fp.close()
        self.fp = BufferedReader(_BoundedReader(sock, ends))


class _BoundedReader(RawIOBase):
    """The socket's bytes; each read waits no longer than until the deadline of them all."""

    def __init__(self, sock: socket, ends: float) -> None:
        self._sock = sock
        self._ends = ends

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - any writable buffer
        """Read what has come."""
        self._sock.settimeout(_seconds_until(self._ends))
        return self._sock.recv_into(buffer)


def _seconds_until(ends: float) -> float:
    """What is left; raise `TimeoutError` where nothing is."""
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError("Stripe's response took too long; its outcome is unknown.")
    return left


def _connection() -> HTTPConnection:
    """A new one each time: a kept one may be dead, and what was sent into it then is unknown."""
    url = urlsplit(required("STRIPE_URL"))
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    return kind(url.hostname or "", url.port, timeout=CONNECTED_WITHIN)
