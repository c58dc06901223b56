"""A response that comes byte by byte ends at the deadline of the whole response."""

from collections.abc import Iterator
from socket import create_server
from threading import Event, Thread
from time import monotonic

import pytest

from functions.payments.gateway import UnknownOutcomeError
from functions.payments.stripe import http as stripe_http

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"


@pytest.fixture(params=[b"", HEAD], ids=["in the headers", "in the body"])
def dripping(request: pytest.FixtureRequest) -> Iterator[str]:
    done = Event()
    with create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    connection.sendall(request.param or b"HTTP/1.1 200 OK\r\nX: ")
                    while not done.wait(0.02):
                        connection.sendall(b"x")
                except OSError:
                    return

        thread = Thread(target=drip, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        done.set()
        thread.join(5)


@pytest.mark.usefixtures("stripe")
def test_slow_response_is_aborted_at_the_deadline(dripping: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_URL", dripping)
    monkeypatch.setattr(stripe_http, "TIMEOUT_SECONDS", 0.3)
    began = monotonic()
    with pytest.raises(UnknownOutcomeError):
        stripe_http.get("/v1/charges", {})
    assert monotonic() - began < 10
