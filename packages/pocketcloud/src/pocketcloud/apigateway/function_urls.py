"""Serve function URLs without authentication: payload format 2.0, CORS and the two permissions.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

import json
from typing import Any
from urllib.parse import urlsplit

from moto.awslambda.models import LambdaFunction, lambda_backends
from werkzeug.datastructures import Headers

from pocketcloud.apigateway.cors import Cors
from pocketcloud.apigateway.endpoint_cloud import EndpointCloud
from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.apigateway.http_payload import GatewayContext, UnusableResultError, reply_of, request_event
from pocketcloud.apigateway.http_routes import DEFAULT_ROUTE, RouteMatch
from pocketcloud.core.engine import ACCOUNT, REGION
from pocketcloud.core.identifiers import new_identifier
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import ANONYMOUS

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
_FORBIDDEN = f"Forbidden. For troubleshooting Function URL authorization issues, see: {_GUIDE}"
_CORS_NAMES = ("AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge")


def deployed_function_urls() -> dict[str, LambdaFunction]:
    """Return the functions that have a URL, by the first label of its host."""
    functions = lambda_backends[ACCOUNT][REGION].list_functions(None)
    return {_label(each.url_config.url): each for each in functions if each.url_config is not None}


def _label(url: str) -> str:
    return str(urlsplit(url).hostname).partition(".")[0]


class FunctionUrls:
    """Handles requests as the deployed function URLs would."""

    def __init__(self, cloud: EndpointCloud) -> None:
        self._cloud = cloud

    def cors(self, function: LambdaFunction) -> Cors:
        """Return the CORS configuration of the function's URL."""
        given = _config(function).get("Cors") or {}
        return Cors({name[0].lower() + name[1:]: given[name] for name in _CORS_NAMES if name in given})

    def handle(self, request: HttpRequest, function: LambdaFunction) -> Reply:
        """Handle a raw request to the function's URL."""
        request_id, cors = new_identifier(), self.cors(function)
        reply = cors.preflight(request)
        if reply is None:
            reply = self._respond(request, function, request_id)
            cors.mark(request, reply)
        else:
            reply = Reply(200, reply.headers, b"")
        reply.headers["x-amzn-RequestId"] = request_id
        return reply

    def _respond(self, request: HttpRequest, function: LambdaFunction, request_id: str) -> Reply:
        qualifier = _config(function).get("Qualifier")
        name = f"{function.function_name}:{qualifier}" if qualifier else str(function.function_name)
        if not self._is_permitted(name):
            return _message(403, _FORBIDDEN, "AccessDeniedException")
        if len(request.body) > MAX_PAYLOAD_BYTES:
            return _message(413, "Request Entity Too Large")
        result = self._cloud.invoke(name, self._event(request, function, request_id))
        if result.error is not None:
            return _failure()
        try:
            return _reply(result.payload)
        except UnusableResultError:
            return _failure()

    def _is_permitted(self, name: str) -> bool:
        """Return whether anyone may use the URL, and anyone may invoke the function through it."""
        access = self._cloud.access
        arn = access.location.arn("lambda", f"function:{name}")
        needed = (
            AccessRequest("lambda:InvokeFunctionUrl", arn, {"lambda:functionurlauthtype": "NONE"}),
            AccessRequest("lambda:InvokeFunction", arn, {"lambda:invokedviafunctionurl": "true"}),
        )
        return not any(access.authorize(ANONYMOUS, each) for each in needed)

    def _event(self, request: HttpRequest, function: LambdaFunction, request_id: str) -> dict[str, Any]:
        domain = str(urlsplit(function.get_url_config().url).hostname)
        gateway = GatewayContext(
            account_id="anonymous",
            api_id=domain.partition(".")[0],
            domain=domain,
            stage=DEFAULT_ROUTE,
            request_id=request_id,
            at=self._cloud.clock.now(),
        )
        event = request_event(request, RouteMatch(DEFAULT_ROUTE, {}), gateway, None)
        # A function URL leaves the path percent-encoded (github.com/middleapi/standard-server/pull/93).
        sent = request.target.partition("?")[0]
        event["rawPath"] = event["requestContext"]["http"]["path"] = sent
        return event


def _config(function: LambdaFunction) -> dict[str, Any]:
    return function.get_url_config().config


def _reply(result: object) -> Reply:
    """Convert the function's result; unlike an HTTP API, every reply is JSON by default."""
    reply = reply_of(result)
    named = (result.get("headers") or {}) if isinstance(result, dict) and "statusCode" in result else {}
    if not any(str(name).lower() == "content-type" for name in named):
        reply.headers["content-type"] = "application/json"
    return reply


def _message(status: int, text: str, error_type: str | None = None) -> Reply:
    headers = Headers([("content-type", "application/json")])
    if error_type:
        headers.add("x-amzn-ErrorType", error_type)
    return Reply(status, headers, json.dumps({"Message": text}).encode())


def _failure() -> Reply:
    return Reply(502, Headers([("content-type", "text/plain")]), b"Internal Server Error")
