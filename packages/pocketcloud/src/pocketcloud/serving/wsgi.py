"""The WSGI applications of the local server: moto's AWS endpoint and the deployed HTTP endpoints."""

import io
import traceback
from collections.abc import Iterable, Sequence
from functools import partial
from http import HTTPStatus
from threading import RLock
from typing import TYPE_CHECKING, Protocol

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response

from pocketcloud.apigateway.http_api import MAX_BODY_BYTES
from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.cloudformation.stack_api import read_stacks
from pocketcloud.cloudformation.stack_records import StackRecord
from pocketcloud.core.engine import REGION
from pocketcloud.core.stubs import ERROR_CODE, STATUS, Stubs
from pocketcloud.iam.policy_changes import may_change_policies
from pocketcloud.serving.aws_error import aws_error, service_of, with_authorization
from pocketcloud.serving.callers import Callers
from pocketcloud.serving.direct_requests import direct_requests
from pocketcloud.serving.long_poll import BODY, long_poll
from pocketcloud.serving.request_guard import browser, foreign_host, foreign_page
from pocketcloud.serving.sqs_query import as_query, sqs_query_error

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_GLOBAL = dict.fromkeys(
    ("budgets", "cloudfront", "iam", "organizations", "route53", "s3", "sts"), "us-east-1"
)
"""Services that clients of any region may address by the one region of their global endpoints.
https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html"""


def aws_endpoint(
    lock: RLock, callers: Callers, stubs: Stubs, stacks: Sequence[StackRecord] = ()
) -> "WSGIApplication":
    """Serve all moto services on the cloud's stores, with the permissions of each caller."""
    moto = _with_stacks(direct_requests(DomainDispatcherApplication(create_backend_app)), stacks)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/moto-api"):
            # moto's control API could empty the stores while the engine is running.
            return Response(status=404)(environ, start_response)
        environ = as_query(with_authorization(environ))
        if refusal := _refusal(environ) or sqs_query_error(environ):
            return refusal(environ, start_response)
        with lock:
            denied = _stub_refusal(environ, stubs) or callers.refuse(environ)
        if denied:
            return denied(environ, start_response)
        if poll := long_poll(environ):
            response = poll.run(partial(_call, moto, lock=lock), lock)
        else:
            response = _call(moto, environ, lock)
            if may_change_policies(environ.get("HTTP_X_AMZ_TARGET", "")):
                with lock:
                    callers.access.forget()
        return response(environ, start_response)

    return application


def _with_stacks(moto: "WSGIApplication", stacks: Sequence[StackRecord]) -> "WSGIApplication":
    """Serve CloudFormation from the deployed stacks, and everything else by moto."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        scope = service_of(environ)
        if scope is None or scope[1] != "cloudformation":
            return moto(environ, start_response)
        body = WsgiRequest(environ).get_data(as_text=True, parse_form_data=False)
        status, headers, content = read_stacks(stacks, body)
        return Response(content, status, headers)(environ, start_response)

    return application


class _Endpoint(Protocol):
    def allows_origin(self, request: HttpRequest) -> bool: ...
    def handle(self, request: HttpRequest) -> Reply: ...


def http_endpoint(api: _Endpoint, lock: RLock) -> "WSGIApplication":
    """Serve the deployed HTTP APIs, REST APIs and function URLs."""

    @WsgiRequest.application
    def application(request: WsgiRequest) -> Response:
        target = request.environ.get("RAW_URI") or request.full_path.rstrip("?")
        body = request.stream.read(MAX_BODY_BYTES + 1)
        sent = HttpRequest(
            request.method, target, Headers(list(request.headers)), body, request.remote_addr or ""
        )
        reason = foreign_host(request.environ)
        with lock:
            if reason is None and not _allows_origin(api, sent):
                reason = foreign_page(request.environ)
            reply = _handled(api, sent) if reason is None else Reply.message(403, reason)
        return Response(reply.content, reply.status, reply.headers)

    return application


def _handled(api: _Endpoint, request: HttpRequest) -> Reply:
    """Handle a request; name what is not supported instead of failing."""
    try:
        return api.handle(request)
    except NotImplementedError as error:
        return Reply.message(501, str(error))


def _allows_origin(api: _Endpoint, request: HttpRequest) -> bool:
    try:
        return api.allows_origin(request)
    except NotImplementedError:
        return False  # `handle` names the reason to a page of this machine


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


def _stub_refusal(environ: "WSGIEnvironment", stubs: Stubs) -> Response | None:
    """The error for a service of which only placeholders are deployed."""
    scope = service_of(environ)
    reason = None if scope is None else stubs.refusal(scope[1])
    return None if reason is None else aws_error(environ, STATUS, ERROR_CODE, reason)


def _call(moto: "WSGIApplication", environ: "WSGIEnvironment", lock: RLock) -> Response:
    if BODY in environ:
        environ = environ | {"wsgi.input": io.BytesIO(environ[BODY])}
    with lock:
        try:
            # Buffered, so that moto is done before the lock is released.
            content, status, headers = run_wsgi_app(moto, environ, buffered=True)
        except NotImplementedError as error:
            return aws_error(environ, 501, "NotImplemented", str(error))
        except Exception as error:  # noqa: BLE001 - the client gets any failure, and does not retry it
            traceback.print_exc()
            return aws_error(environ, 501, "InternalFailure", f"{type(error).__name__}: {error}")
    response = Response(b"".join(content), status, headers)
    if response.status_code == HTTPStatus.NOT_FOUND and response.mimetype == "text/html":
        where = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        return aws_error(environ, 501, "NotImplemented", f"{where} is not a supported operation")
    return response
