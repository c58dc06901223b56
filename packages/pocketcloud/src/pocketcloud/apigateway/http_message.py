"""HTTP requests and replies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from werkzeug.datastructures import Headers

Json = Any
"""Any JSON document."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A raw HTTP request."""

    method: str
    target: str
    """Path and query string, percent-encoded as sent."""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    source_ip: str = "127.0.0.1"

    @property
    def path(self) -> str:
        """The decoded path; an HTTP API decodes `rawPath` (github.com/hotsock/voker/pull/8)."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> str:
        """The query string as sent, without the question mark."""
        return self.target.partition("?")[2]

    def query_parameter(self, name: str) -> str:
        """Return the first value of a query parameter, or an empty string."""
        return next((value for key, value in parse_qsl(self.query) if key == name), "")

    @classmethod
    def of(
        cls, method: str, path: str, *, payload: object, body: str | bytes | None, headers: Mapping[str, str]
    ) -> "HttpRequest":
        """Build a request with `payload` as JSON, or with `body`."""
        sent = Headers(list(headers.items()))
        if payload is not None:
            sent.setdefault("content-type", "application/json")
            body = json.dumps(payload)
        raw = body.encode() if isinstance(body, str) else body or b""
        if raw:
            sent.setdefault("content-length", str(len(raw)))
        sent.setdefault("host", "localhost")
        return cls(method.upper(), path, sent, raw)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply; header names are case-insensitive."""

    status: int
    headers: Headers
    content: bytes

    @property
    def body(self) -> str:
        """The content as text."""
        return self.content.decode()

    def json(self) -> Json:
        """Parse the content as JSON."""
        return json.loads(self.content)

    @classmethod
    def message(cls, status: int, text: str, **headers: str) -> "Reply":
        """Build one of API Gateway's own replies: `{"message": …}`."""
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        return cls(
            status,
            Headers([("content-type", "application/json"), *named]),
            json.dumps({"message": text}, separators=(",", ":")).encode(),
        )
