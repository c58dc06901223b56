"""The URL to which a custom resource's function sends its response: a server on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

_MAXIMUM_BYTES = 4096
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html"""


@dataclass(slots=True)
class ResponseUrl:
    """One URL, and what was sent to it."""

    url: str
    received: list[bytes] = field(default_factory=list)


@contextmanager
def response_url() -> Iterator[ResponseUrl]:
    """Receive responses at the URL until the block ends."""
    received: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            is_small = size <= _MAXIMUM_BYTES
            if is_small:
                received.append(self.rfile.read(size))
            self.send_response(200 if is_small else 400)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing: the function's log is captured."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), name="response-url", daemon=True)
        thread.start()
        try:
            yield ResponseUrl(f"http://127.0.0.1:{server.server_port}/response", received)
        finally:
            server.shutdown()
            thread.join()
