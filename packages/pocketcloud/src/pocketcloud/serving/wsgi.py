"""The WSGI applications of the local server: moto's AWS endpoint and the deployed HTTP API."""

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

from pocketcloud.apigateway.http_api import MAX_BODY_BYTES, HttpApi
from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.core.engine import REGION
from pocketcloud.iam.access import AccessControl
from pocketcloud.serving.aws_error import aws_error, service_of
from pocketcloud.serving.request_guard import browser, foreign_host, foreign_page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_GLOBAL = dict.fromkeys(
    ("budgets", "cloudfront", "iam", "organizations", "route53", "s3", "sts"), "us-east-1"
)
"""Services that clients of any region may address by the one region of their global endpoints.
https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html"""
MAX_LONG_POLL_SECONDS = 20
POLL_INTERVAL_SECONDS = 0.05


def aws_endpoint(lock: RLock, access: AccessControl) -> "WSGIApplication":
    """Serve all moto services on the cloud's stores, with the administrator's permissions."""
    moto: WSGIApplication = DomainDispatcherApplication(create_backend_app)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/moto-api"):
            # moto's control API could empty the stores while the engine is running.
            return Response(status=404)(environ, start_response)
        if refusal := _refusal(environ):
            return refusal(environ, start_response)
        if environ.get("HTTP_X_AMZ_TARGET") == "AmazonSQS.ReceiveMessage":
            response = _receive(moto, environ, lock)
        else:
            response = _call(moto, environ, lock)
            with lock:
                # The request may have changed a policy.
                access.forget()
        return response(environ, start_response)

    return application


def http_endpoint(api: HttpApi, lock: RLock) -> "WSGIApplication":
    """Serve the deployed HTTP API."""

    @WsgiRequest.application
    def application(request: WsgiRequest) -> Response:
        target = request.environ.get("RAW_URI") or request.full_path.rstrip("?")
        body = request.stream.read(MAX_BODY_BYTES + 1)
        sent = HttpRequest(
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


def _call(moto: "WSGIApplication", environ: "WSGIEnvironment", lock: RLock) -> Response:
    with lock:
        # Buffered, so that moto is done before the lock is released.
        content, status, headers = run_wsgi_app(moto, environ, buffered=True)
    return Response(b"".join(content), status, headers)


def _receive(moto: "WSGIApplication", environ: "WSGIEnvironment", lock: RLock) -> Response:
    """Replace a long poll by short ones: waiting in moto would hold the lock and stop virtual time."""
    parameters = _json_object(WsgiRequest(environ).get_data())
    wait = parameters.get("WaitTimeSeconds", 0)
    deadline = time.monotonic() + (min(wait, MAX_LONG_POLL_SECONDS) if isinstance(wait, int) else 0)
    body = json.dumps(parameters | {"WaitTimeSeconds": 0}).encode()
    while True:
        short = environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        response = _call(moto, short, lock)
        found = "Messages" in _json_object(response.get_data())
        if found or response.status_code != HTTPStatus.OK or time.monotonic() >= deadline:
            return response
        time.sleep(POLL_INTERVAL_SECONDS)


def _json_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in a body; empty if there is none, which moto then rejects."""
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
