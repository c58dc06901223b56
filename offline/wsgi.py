"""The two WSGI applications of the local server: moto as the AWS endpoint, and the deployed HTTP API."""

import io
import json
import time
from collections.abc import Iterable
from http import HTTPStatus
from threading import RLock
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response

from offline.aws_error import aws_error, service_of
from offline.engine import REGION
from offline.http_api import MAX_BODY, HttpApi
from offline.http_message import Reply, Request
from offline.permissions.access import AccessControl
from offline.request_guard import browser, foreign_host, foreign_page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_GLOBAL = dict.fromkeys(
    ("budgets", "cloudfront", "iam", "organizations", "route53", "s3", "sts"), "us-east-1"
)
"""Services that clients of any region may address by the one region of their global endpoints.
https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html"""
LONG_POLL = 20
"""Seconds; SQS waits no longer."""
POLL_INTERVAL = 0.05


def aws_endpoint(lock: RLock, access: AccessControl) -> "WSGIApplication":
    """Every AWS service of moto, on the stores the offline cloud runs on, for the account's administrator."""
    moto: WSGIApplication = DomainDispatcherApplication(create_backend_app)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/moto-api"):
            # moto's own switches: one of them would empty the stores under the running engine.
            return Response(status=404)(environ, start_response)
        if refusal := _refusal(environ):
            return refusal(environ, start_response)
        if environ.get("HTTP_X_AMZ_TARGET") == "AmazonSQS.ReceiveMessage":
            response = _receive(moto, environ, lock)
        else:
            response = _answer(moto, environ, lock)
            with lock:
                # The request may have changed a policy.
                access.forget()
        return response(environ, start_response)

    return application


def http_endpoint(api: HttpApi, lock: RLock) -> "WSGIApplication":
    """The deployed HTTP API."""

    @WsgiRequest.application
    def application(request: WsgiRequest) -> Response:
        target = request.environ.get("RAW_URI") or request.full_path.rstrip("?")
        body = request.stream.read(MAX_BODY + 1)
        sent = Request(
            request.method, target, Headers(list(request.headers)), body, request.remote_addr or ""
        )
        reason = foreign_host(request.environ)
        with lock:
            if reason is None and not api.allows_origin(sent):
                reason = foreign_page(request.environ)
            reply = api.handle(sent) if reason is None else Reply.message(403, reason)
        return Response(reply.content, reply.status, reply.headers)

    return application


def _refusal(environ: "WSGIEnvironment") -> Response | None:
    """The error for a browser, and for a client of another region: moto would open an empty account there."""
    if reason := foreign_host(environ) or browser(environ):
        return aws_error(environ, 403, "AccessDenied", reason)
    scope = service_of(environ)
    if scope is None or scope[0] in {REGION, _GLOBAL.get(scope[1])}:
        return None
    # AWS's words for a credential scope that names another region.
    sentence = f"Credential should be scoped to a valid region, not {scope[0]!r}"
    return aws_error(
        environ, 403, "InvalidSignatureException", f"{sentence}: the offline cloud serves {REGION} alone."
    )


def _answer(moto: "WSGIApplication", environ: "WSGIEnvironment", lock: RLock) -> Response:
    with lock:
        # Buffered: nothing of moto's runs after the lock is given back.
        content, status, headers = run_wsgi_app(moto, environ, buffered=True)
    return Response(b"".join(content), status, headers)


def _receive(moto: "WSGIApplication", environ: "WSGIEnvironment", lock: RLock) -> Response:
    """A long poll as many short ones: waiting inside moto would hold the lock, and time, for everybody."""
    asked = _json_object(WsgiRequest(environ).get_data())
    wait = asked.get("WaitTimeSeconds", 0)
    deadline = time.monotonic() + (min(wait, LONG_POLL) if isinstance(wait, int) else 0)
    body = json.dumps(asked | {"WaitTimeSeconds": 0}).encode()
    while True:
        short = environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        response = _answer(moto, short, lock)
        found = "Messages" in _json_object(response.get_data())
        if found or response.status_code != HTTPStatus.OK or time.monotonic() >= deadline:
            return response
        time.sleep(POLL_INTERVAL)


def _json_object(content: bytes) -> dict[str, Any]:
    """The JSON object in a body; empty where there is none, which moto then refuses in its own words."""
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
