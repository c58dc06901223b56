"""HTTP requests that leave the process: only to this machine's loopback addresses."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pocketcloud.core.delivery import DeliveryError

_HOSTS = frozenset({"127.0.0.1", "::1"})
"""Literal addresses: a name could resolve to another machine."""
_MAXIMUM_RESPONSE_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class LoopbackResponse:
    """A status code and the first bytes of the body."""

    status: int
    body: bytes


def is_loopback(url: str) -> bool:
    """Return whether the URL's host is a loopback address."""
    return urlsplit(url).hostname in _HOSTS


def request(
    method: str, url: str, *, body: str, headers: Mapping[str, str], timeout_seconds: float
) -> LoopbackResponse:
    """Send the request to a loopback address; raise a retriable DeliveryError without a response.

    Redirects are not followed: they could lead to another machine.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in _HOSTS:
        reason = f"{url} is not http:// with a loopback address, such as 127.0.0.1"
        raise DeliveryError("SDK_CLIENT_ERROR", reason, retriable=False)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout_seconds)
    try:
        connection.request(method, path, body=body.encode(), headers=dict(headers))
        response = connection.getresponse()
        return LoopbackResponse(response.status, response.read(_MAXIMUM_RESPONSE_BYTES))
    except (OSError, http.client.HTTPException) as error:
        reason = f"{url} did not respond: {str(error) or type(error).__name__}"
        raise DeliveryError("SDK_CLIENT_ERROR", reason, retriable=True) from error
    finally:
        connection.close()
