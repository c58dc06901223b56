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
from pocketcloud.apigateway.http_message import HttpRequest
from pocketcloud.iam.access import AccessControl

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_LONG_POLL_SECONDS = 20
POLL_INTERVAL_SECONDS = 0.05


def aws_endpoint(lock: RLock, access: AccessControl) -> "WSGIApplication":
    """Serve all moto services on the cloud's stores, with the administrator's permissions."""
    moto: WSGIApplication = DomainDispatcherApplication(create_backend_app)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/moto-api"):
            # moto's control API could empty the stores while the engine is running.
            return Response(status=404)(environ, start_response)
        if "HTTP_ORIGIN" in environ:
            # moto would allow any web page, and a page that can create functions can run code here.
            return Response("Web pages may not use this endpoint.", 403)(environ, start_response)
        if environ.get("HTTP_X_AMZ_TARGET") == "AmazonSQS.ReceiveMessage":
            return _receive(moto, environ, lock)(environ, start_response)
        response = _call(moto, environ, lock)
        with lock:
            # The call may have changed a policy.
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
        with lock:
            reply = api.handle(sent)
        return Response(reply.content, reply.status, reply.headers)

    return application


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
