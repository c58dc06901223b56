"""Serve a long poll of ReceiveMessage by short ones, so that the cloud's lock is free while it waits.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
"""

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from threading import RLock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from moto.sqs.models import sqs_backends
from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response

from pocketcloud.core.engine import ACCOUNT, REGION

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_LONG_POLL_SECONDS = 20
MAX_POLL_INTERVAL_SECONDS = 0.05
MIN_POLL_INTERVAL_SECONDS = 0.001
BODY = "pocketcloud.body"
"""Key of the environment with the request's body, which can be read several times."""
_ACTION = "Action=ReceiveMessage"


@dataclass(frozen=True, slots=True)
class LongPoll:
    """One ReceiveMessage request: the same request without waiting, and how long its client waits."""

    short: "WSGIEnvironment"
    queue: str
    wait_seconds: str | int | None

    def run(self, call: Callable[["WSGIEnvironment"], Response], lock: RLock) -> Response:
        """Repeat the short poll until a message or an error arrives, or the time is over."""
        started = time.monotonic()
        seconds = self._seconds(lock)
        while True:
            response = call(self.short)
            elapsed = time.monotonic() - started
            found = b"ReceiptHandle" in response.get_data()
            if found or response.status_code != HTTPStatus.OK or elapsed >= seconds:
                return response
            # Poll often at first: most messages arrive soon after the request.
            time.sleep(min(MAX_POLL_INTERVAL_SECONDS, max(MIN_POLL_INTERVAL_SECONDS, elapsed / 4)))

    def _seconds(self, lock: RLock) -> float:
        """Return the request's own wait, or the queue's."""
        wait = self.wait_seconds
        if wait is None:
            with lock:
                queue = sqs_backends[ACCOUNT][REGION].queues.get(self.queue)
                wait = getattr(queue, "receive_message_wait_time_seconds", 0)
        return min(float(wait or 0), MAX_LONG_POLL_SECONDS)


def long_poll(environ: "WSGIEnvironment") -> LongPoll | None:
    """Return the long poll that the request is, by either protocol; None for any other request."""
    if environ.get("HTTP_X_AMZ_TARGET") == "AmazonSQS.ReceiveMessage":
        return _json_poll(environ)
    if _ACTION in environ.get("QUERY_STRING", ""):
        fields = _fields(environ["QUERY_STRING"])
        return _poll(environ, fields) if _is_valid(fields) else None
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = WsgiRequest(environ).get_data(parse_form_data=False)
        environ["wsgi.input"] = io.BytesIO(body)
        fields = _fields(body.decode())
        if fields.get("Action") == "ReceiveMessage" and _is_valid(fields):
            return _poll(environ, fields, in_body=True)
    return None


def _json_poll(environ: "WSGIEnvironment") -> LongPoll | None:
    body = WsgiRequest(environ).get_data()
    environ["wsgi.input"] = io.BytesIO(body)
    parameters = _json_object(body)
    wait = parameters.get("WaitTimeSeconds")
    if not isinstance(wait, int | None) or not 0 <= (wait or 0) <= MAX_LONG_POLL_SECONDS:
        return None
    short = json.dumps(parameters | {"WaitTimeSeconds": 0}).encode()
    return LongPoll(_with_body(environ, short), _name(str(parameters.get("QueueUrl", ""))), wait)


def _poll(environ: "WSGIEnvironment", fields: dict[str, str], *, in_body: bool = False) -> LongPoll:
    encoded = urlencode(fields | {"WaitTimeSeconds": "0"})
    short = _with_body(environ, encoded.encode()) if in_body else environ | {"QUERY_STRING": encoded}
    name = _name(fields.get("QueueUrl") or str(environ["PATH_INFO"]))
    return LongPoll(short, name, fields.get("WaitTimeSeconds"))


def _with_body(environ: "WSGIEnvironment", body: bytes) -> "WSGIEnvironment":
    return environ | {BODY: body, "CONTENT_LENGTH": str(len(body))}


def _is_valid(fields: dict[str, str]) -> bool:
    """Return whether the wait is one that SQS accepts; moto rejects the others."""
    wait = fields.get("WaitTimeSeconds", "0")
    return wait.isdigit() and int(wait) <= MAX_LONG_POLL_SECONDS


def _fields(encoded: str) -> dict[str, str]:
    return dict(parse_qsl(encoded, keep_blank_values=True))


def _name(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[-1]


def _json_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in a body; empty if there is none, which moto then rejects."""
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
