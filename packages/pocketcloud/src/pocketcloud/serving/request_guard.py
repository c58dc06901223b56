"""The requests that the served cloud accepts: from programs on this machine, and from no foreign web page.

A page that a developer visits can send requests to 127.0.0.1. By DNS rebinding it also reads the responses:
its own host name then resolves to 127.0.0.1. https://en.wikipedia.org/wiki/DNS_rebinding
"""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_LOCAL = re.compile(r"localhost|127\.0\.0\.1|\[::1\]|([a-z0-9_-][a-z0-9._-]*\.)localhost")
"""Names that no one can point at another machine; below `localhost` are S3's virtual hosts (RFC 6761)."""
_API = re.compile(r"[a-z0-9]+\.(execute-api\.[a-z0-9-]+\.amazonaws\.com|lambda-url\.[a-z0-9-]+\.on\.aws)")
"""The name of an API or a function URL, by which a client selects one of several; AWS owns the domains."""


def foreign_host(environ: "WSGIEnvironment") -> str | None:
    """The reason to refuse a request whose Host is neither this machine with the served port nor an API."""
    host, port = environ.get("HTTP_HOST", "").lower(), environ["SERVER_PORT"]
    name, asked = _split(host)
    if (_LOCAL.fullmatch(name) and asked == port) or _API.fullmatch(name):
        return None
    return f"Host {host!r} is not served here; use localhost:{port} or 127.0.0.1:{port}."


def browser(environ: "WSGIEnvironment") -> str | None:
    """The reason to refuse a request that a page in a browser sent, wherever the page is from.

    A browser adds Origin to every cross-site POST, and Sec-Fetch-Site to all requests.
    https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    """
    if "HTTP_ORIGIN" in environ or "HTTP_SEC_FETCH_SITE" in environ:
        return "No page in a browser may use this endpoint."
    return None


def foreign_page(environ: "WSGIEnvironment") -> str | None:
    """The reason to refuse a request of a page that is not served by this machine."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        is_local = _LOCAL.fullmatch(_split(urlsplit(origin).netloc.lower())[0])
        return None if is_local else f"Origin {origin!r} is not allowed by the API's CORS configuration."
    if environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        return "A page of another site may not use this API without CORS."
    return None


def _split(host: str) -> tuple[str, str]:
    """Name and port; without a port it is HTTP's own."""
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d+))?", host)
    return (found[1], found[2] or "80") if found else ("", "")
