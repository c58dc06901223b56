"""Stripe's API over HTTPS: one request, with a response bounded in time and size."""

from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import msgspec

from functions.payments.gateway import MAXIMUM_RESPONSE_MS, UnknownOutcomeError
from functions.payments.stripe.secret import credentials
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.environment import required

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

VERSION = "2024-06-20"
"""The pinned version of the API. https://docs.stripe.com/api/versioning"""
CONNECT_TIMEOUT_SECONDS = 2.0
"""Timeout for each address of the host, within `TIMEOUT_SECONDS`."""
TIMEOUT_SECONDS = MAXIMUM_RESPONSE_MS / 1000
"""Timeout from connecting to the last byte of the body."""
MAXIMUM_BYTES = 1024 * 1024


class StripeResponse(msgspec.Struct, frozen=True):
    """The response of Stripe."""

    status: int
    body: bytes


def get(path: str, query: Mapping[str, str]) -> StripeResponse:
    """Send a GET request; raise `UnknownOutcomeError` if there is no response."""
    return _request("GET", f"{path}?{urlencode(query)}")


def post(path: str, form: Mapping[str, str], *, key: str) -> StripeResponse:
    """Send a POST request with an idempotency key; raise `UnknownOutcomeError` if there is no response."""
    return _request("POST", path, body=urlencode(form), headers={"Idempotency-Key": key})


def _request(
    method: str, target: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
) -> StripeResponse:
    given = {
        "Authorization": f"Bearer {credentials().api_key}",
        "Stripe-Version": VERSION,
        "Content-Type": "application/x-www-form-urlencoded",
        **(headers or {}),
    }
    deadline().require(MAXIMUM_RESPONSE_MS)
    ends = monotonic() + TIMEOUT_SECONDS
    with closing(_connection()) as connection:
        try:
            connection.connect()
            connection.sock.settimeout(_seconds_until(ends))
            connection.request(method, target, body=body, headers=given)
            response = _BoundedResponse(connection.sock, method, ends)
            response.begin()
            content = response.read(MAXIMUM_BYTES + 1)
        except (OSError, HTTPException) as error:
            raise UnknownOutcomeError("gateway_silent", type(error).__name__) from error
    if len(content) > MAXIMUM_BYTES:
        raise UnknownOutcomeError("response_too_large", "the response is longer than 1 MiB")
    return StripeResponse(response.status, content)


class _BoundedResponse(HTTPResponse):
    """A response whose status line, headers and body all end before one deadline."""

    def __init__(self, sock: socket, method: str, ends: float) -> None:
        super().__init__(sock, method=method)
        self.fp.close()
        self.fp = BufferedReader(_BoundedReader(sock, ends))


class _BoundedReader(RawIOBase):
    """Read from the socket; every read ends before one common deadline."""

    def __init__(self, sock: socket, ends: float) -> None:
        self._sock = sock
        self._ends = ends

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read the available bytes."""
        self._sock.settimeout(_seconds_until(self._ends))
        return self._sock.recv_into(buffer)


def _seconds_until(ends: float) -> float:
    """Return the time left; raise `TimeoutError` if none is."""
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError("Stripe's response took too long; its outcome is unknown.")
    return left


def _connection() -> HTTPConnection:
    """Open a new connection each time: a request on a stale one would have an unknown outcome."""
    url = urlsplit(required("STRIPE_URL"))
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    return kind(url.hostname or "", url.port, timeout=CONNECT_TIMEOUT_SECONDS)
