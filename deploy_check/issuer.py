"""Our own token issuer, set in the stage's `token`, for the pass over TLS.

Over TLS, MiniStack requests Cognito's keys by plain HTTP from the TLS port, and so rejects every token.
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
LIFETIME_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs tokens; its public key is served at `url`."""

    url: str
    key: RSAKey

    def settings(self) -> dict[str, str | bool | None]:
        """Return the setting `token` of a stage that trusts this issuer."""
        return {
            "issuer": self.url,
            "audience": AUDIENCE,
            "scope": SCOPE,
            "operator_scope": None,
            "verified_email": False,
        }

    def token(self, customer: str) -> str:
        """Return an access token of the customer."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "scope": SCOPE, "sub": customer}
        header = {"alg": "RS256", "kid": self.key.kid}
        return jwt.encode(header, {**claims, "iat": now, "exp": now + LIFETIME_SECONDS}, self.key)


@contextmanager
def serve_issuer() -> Iterator[Issuer]:
    """Serve an issuer with a new key on a free port of 127.0.0.1, within the context."""
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
        """Serve the two documents that a verifier reads."""

        def do_GET(self) -> None:
            page = pages.get(self.path)
            content = json.dumps(page).encode() if page else b""
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Log nothing: stdout and stderr belong to the report."""

    return Pages
