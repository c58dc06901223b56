"""Another issuer of tokens, named in the stage's `token`: for the pass over TLS.

Over TLS MiniStack asks its own Cognito for keys by plain HTTP on the TLS port, and refuses every token.
"""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from joserfc import jwt
from joserfc.jwk import RSAKey

from deploy_check.endpoint import HOST

AUDIENCE, SCOPE = "deploy-check", "orders"
LIFETIME = 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs tokens whose public key is served at its address."""

    url: str
    key: RSAKey

    def settings(self) -> dict[str, str]:
        """A stage's `token` that trusts this issuer."""
        return {"issuer": self.url, "audience": AUDIENCE, "scope": SCOPE}

    def token(self, customer: str) -> str:
        """An access token of the customer."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "scope": SCOPE, "sub": customer}
        header = {"alg": "RS256", "kid": self.key.kid}
        return jwt.encode(header, {**claims, "iat": now, "exp": now + LIFETIME}, self.key)


@contextmanager
def serving() -> Iterator[Issuer]:
    """An issuer with a new key, on a free port of 127.0.0.1, as long as the context lasts."""
    key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(8), "use": "sig", "alg": "RS256"})
    with ThreadingHTTPServer((HOST, 0), BaseHTTPRequestHandler) as server:
        url = f"http://{HOST}:{server.server_port}"
        server.RequestHandlerClass = _pages(url, key)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Issuer(url, key)
        finally:
            server.shutdown()


def _pages(url: str, key: RSAKey) -> type[BaseHTTPRequestHandler]:
    pages = {
        "/.well-known/openid-configuration": {"issuer": url, "jwks_uri": f"{url}/keys"},
        "/keys": {"keys": [key.as_dict(private=False)]},
    }

    class Pages(BaseHTTPRequestHandler):
        """The two documents that a verifier of tokens reads."""

        def do_GET(self) -> None:
            page = pages.get(self.path)
            content = json.dumps(page).encode() if page else b""
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: stdout and stderr are the report's."""

    return Pages
