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

from pocketcloud.apigateway.http_api import MAX_BODY, HttpApi
from pocketcloud.apigateway.http_message import Request
from pocketcloud.iam.access import AccessControl

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

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
        if "HTTP_ORIGIN" in environ:
            # A browser's page: moto would let any site in, and whoever may create functions runs code here.
            return Response("No page in a browser may use this endpoint.", 403)(environ, start_response)
        if environ.get("HTTP_X_AMZ_TARGET") == "AmazonSQS.ReceiveMessage":
            return _receive(moto, environ, lock)(environ, start_response)
        response = _answer(moto, environ, lock)
        with lock:
            # Whatever it was may have changed a policy.
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
        with lock:
            reply = api.handle(sent)
        return Response(reply.content, reply.status, reply.headers)

    return application


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
