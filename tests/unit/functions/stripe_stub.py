"""A server on this machine with the responses of Stripe's documentation and of recordings."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Body = dict[str, Any] | bytes
HANG_UP = 0
"""Not a status: the server closes the connection without a response."""


STRIPE_KEY = "sk_test_canary"
STRIPE_SECRET = {"api_key": STRIPE_KEY, "webhook_secret": "whsec_canary"}
"""The credentials of these tests."""


@dataclass
class StripeRequest:
    """One request to the server."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class StripeStub:
    """Give the responses in turn, and the last one from then on."""

    url: str = ""
    responses: list[tuple[int, Body]] = field(default_factory=list)
    requests: list[StripeRequest] = field(default_factory=list)

    def respond(self, *responses: tuple[int, Body]) -> None:
        self.responses[:] = responses

    def next(self) -> tuple[int, bytes]:
        status, body = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()


def an_intent(**changes: Any) -> dict[str, Any]:
    """Return a PaymentIntent that succeeded, with the fields that we read and a few others."""
    return {
        "id": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "object": "payment_intent",
        "amount": 5099,
        "amount_received": 5099,
        "currency": "gbp",
        "status": "succeeded",
        "latest_charge": "ch_3MtwBwLkdIwHu7ix2",
        "last_payment_error": None,
        "livemode": False,
        "metadata": {"order_id": "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"},
        **changes,
    }


def a_decline(decline_code: str | None = None, code: str = "card_declined", **intent: Any) -> dict[str, Any]:
    """The body of a 402."""
    problem = {"type": "card_error", "code": code, "decline_code": decline_code, "message": "No."}
    failed = {"status": "requires_payment_method", "amount_received": 0, "last_payment_error": problem}
    return {"error": {**problem, "payment_intent": an_intent(**{**failed, **intent})}}


def a_refusal(**problem: Any) -> dict[str, Any]:
    return {"error": {"type": "invalid_request_error", "message": "No.", **problem}}


def a_refund(**changes: Any) -> dict[str, Any]:
    """A refund that succeeded."""
    refund = {"id": "re_1Nispe2eZvKYlo2Cd31jOCgZ", "object": "refund", "amount": 5099, "currency": "gbp"}
    return {**refund, "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa", "status": "succeeded", **changes}


def a_list(*objects: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "data": list(objects), "has_more": False}


@contextmanager
def serving(stub: StripeStub, bound: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """Serve the stub on a free port of 127.0.0.1; call `bound` with its URL before its thread starts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._respond({name: values[0] for name, values in parse_qs(body).items()})

        def log_message(self, *_: object) -> None:
            """Nothing: pytest shows what failed."""

        def _respond(self, form: dict[str, str]) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            stub.requests.append(StripeRequest(self.command, url.path, headers, {**query, **form}))
            status, body = stub.next()
            if status != HANG_UP:
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stub.url = f"http://127.0.0.1:{server.server_address[1]}"
        bound(stub.url)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
