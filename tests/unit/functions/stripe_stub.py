"""A server on this machine that answers as Stripe's documentation and its recorded answers say it does."""

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
"""A status that is none: the server closes the line without a word."""


STRIPE_KEY = "sk_test_canary"
STRIPE_SECRET = {"api_key": STRIPE_KEY, "webhook_secret": "whsec_canary"}
"""What Stripe knows us by in these tests."""


@dataclass
class Asked:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class StripeStub:
    """Gives the answers it is told to, in turn, and the last one from then on."""

    url: str = ""
    answers: list[tuple[int, Body]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, *answers: tuple[int, Body]) -> None:
        self.answers[:] = answers

    def next(self) -> tuple[int, bytes]:
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()


def an_intent(**changes: Any) -> dict[str, Any]:
    """A PaymentIntent that succeeded, shortened to what an answer has besides what we read."""
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
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def log_message(self, *_: object) -> None:
            """Nothing: pytest shows what failed."""

        def _answer(self, form: dict[str, str]) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            stub.asked.append(Asked(self.command, url.path, headers, {**query, **form}))
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
