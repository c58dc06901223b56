"""What API Gateway says to browsers for an HTTP API with a CorsConfiguration.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.datastructures import Headers

from offline.http_message import Reply, Request

_PREFIX = "access-control-"


class Cors:
    """One API's configuration; without one nothing is said, and the functions' own headers stay."""

    def __init__(self, configuration: Any) -> None:  # noqa: ANN401 - moto calls it a text, and keeps a document
        self._said: Mapping[str, Any] = configuration or {}
        self._origins = self._said.get("allowOrigins") or []

    @property
    def allows_credentials(self) -> bool:
        """Whether scripts may send cookies along."""
        return bool(self._said.get("allowCredentials"))

    def allows(self, origin: str) -> bool:
        """Whether scripts of that origin may read the API's replies."""
        return "*" in self._origins or origin in self._origins

    def preflight(self, request: Request) -> Reply | None:
        """The answer to a browser that asks whether it may ask; None if nothing says so or it does not."""
        asked = "origin" in request.headers and "access-control-request-method" in request.headers
        if not (self._said and asked and request.method == "OPTIONS"):
            return None
        headers = Headers(list(self._origin(request)))
        if headers:
            for name, key in (("allow-methods", "allowMethods"), ("allow-headers", "allowHeaders")):
                if self._said.get(key):
                    headers.add(_PREFIX + name, ",".join(self._said[key]))
            if self._said.get("maxAge") is not None:
                headers.add(f"{_PREFIX}max-age", str(self._said["maxAge"]))
        return Reply(204, headers, b"")

    def mark(self, request: Request, reply: Reply) -> None:
        """Say in a function's reply whose scripts may read it, instead of what the function says of that."""
        if not self._said:
            return
        for name in {name for name, _ in reply.headers if name.lower().startswith(_PREFIX)}:
            reply.headers.remove(name)
        allowed = list(self._origin(request))
        reply.headers.extend(allowed)
        if allowed and self._said.get("exposeHeaders"):
            reply.headers.add(f"{_PREFIX}expose-headers", ",".join(self._said["exposeHeaders"]))

    def _origin(self, request: Request) -> Iterator[tuple[str, str]]:
        origin = request.headers.get("origin")
        if origin is not None and self.allows(origin):
            yield f"{_PREFIX}allow-origin", "*" if "*" in self._origins else origin
