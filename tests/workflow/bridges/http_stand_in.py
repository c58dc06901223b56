"""An HTTP server on 127.0.0.1 in place of a cloud service, with faults on demand."""

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `path` is without the query."""

    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def bearer(self) -> str:
        """The token of the Authorization header; empty without one."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True, slots=True)
class Response:
    """A status code and a JSON body."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)


class HttpStandIn(ThreadingHTTPServer):
    """Serves `respond` in threads of its own; stop it at the end."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        self.gate = threading.Event()
        """Clear: responses wait for it."""
        self.gate.set()
        super().__init__(("127.0.0.1", port), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}).start()

    @property
    def url(self) -> str:
        """The origin."""
        return f"http://127.0.0.1:{self.server_port}"

    def respond(self, request: Request) -> Response:
        """Return the response to a request."""
        raise NotImplementedError

    def stop(self) -> None:
        """Free the port."""
        self.gate.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: HttpStandIn

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.gate.wait(30)
        response = self.server.respond(Request(parts.path, parse_qs(parts.query), headers, body))
        content = json.dumps(response.body).encode()
        with suppress(OSError):  # the client may be gone
            self._send(response.status, content)

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Print nothing."""
