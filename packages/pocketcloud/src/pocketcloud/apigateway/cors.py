"""CORS headers of an HTTP API with a CorsConfiguration.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.datastructures import Headers

from pocketcloud.apigateway.http_message import HttpRequest, Reply

_PREFIX = "access-control-"


class Cors:
    """One API's CORS configuration; without one, the functions' own headers are unchanged."""

    def __init__(self, configuration: Any) -> None:
        self._configuration: Mapping[str, Any] = configuration or {}
        self._origins = self._configuration.get("allowOrigins") or []

    @property
    def allows_credentials(self) -> bool:
        """Whether scripts may send cookies."""
        return bool(self._configuration.get("allowCredentials"))

    def allows(self, origin: str) -> bool:
        """Return whether scripts of that origin may read the API's replies."""
        return "*" in self._origins or origin in self._origins

    def preflight(self, request: HttpRequest) -> Reply | None:
        """Return the response to a preflight request; None for any other request or without configuration."""
        is_preflight = "origin" in request.headers and "access-control-request-method" in request.headers
        if not (self._configuration and is_preflight and request.method == "OPTIONS"):
            return None
        headers = Headers(list(self._origin(request)))
        if headers:
            for name, key in (("allow-methods", "allowMethods"), ("allow-headers", "allowHeaders")):
                if self._configuration.get(key):
                    headers.add(_PREFIX + name, ",".join(self._configuration[key]))
            if self._configuration.get("maxAge") is not None:
                headers.add(f"{_PREFIX}max-age", str(self._configuration["maxAge"]))
        return Reply(204, headers, b"")

    def mark(self, request: HttpRequest, reply: Reply) -> None:
        """Replace the function's own CORS headers in a reply."""
        if not self._configuration:
            return
        for name in {name for name, _ in reply.headers if name.lower().startswith(_PREFIX)}:
            reply.headers.remove(name)
        allowed = list(self._origin(request))
        reply.headers.extend(allowed)
        if allowed and self._configuration.get("exposeHeaders"):
            reply.headers.add(f"{_PREFIX}expose-headers", ",".join(self._configuration["exposeHeaders"]))

    def _origin(self, request: HttpRequest) -> Iterator[tuple[str, str]]:
        origin = request.headers.get("origin")
        if origin is not None and self.allows(origin):
            yield f"{_PREFIX}allow-origin", "*" if "*" in self._origins else origin
