"""Serve the deployed HTTP APIs: route, authorize and pass requests to functions."""

import re
from collections.abc import Mapping
from typing import Any

from joserfc.jwk import KeySetSerialization
from moto.apigatewayv2.models import Api, Integration, Route, apigatewayv2_backends
from moto.moto_api._internal import mock_random

from pocketcloud.apigateway.authorizer import ForbiddenError, JwtAuthorizer, UnauthorizedError
from pocketcloud.apigateway.cors import Cors
from pocketcloud.apigateway.endpoint_cloud import EndpointCloud
from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.apigateway.http_payload import GatewayContext, UnusableResultError, reply_of, request_event
from pocketcloud.apigateway.http_routes import match_route
from pocketcloud.apigateway.service_integration import call_service, unsupported
from pocketcloud.cloudwatch.metrics import Metric
from pocketcloud.core.engine import ACCOUNT, REGION

__all__ = ["HttpApi", "HttpRequest", "Reply", "UnsupportedHttpApiError"]

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_REQUEST_LINE_AND_HEADERS_BYTES = 10_240

_FUNCTION = re.compile(r":function:(?P<name>[\w-]+(:[\w-]+)?)")


class UnsupportedHttpApiError(NotImplementedError):
    """The deployed API uses an unsupported feature."""


class HttpApi:
    """Handles requests as the deployed HTTP API would."""

    def __init__(
        self, cloud: EndpointCloud, *, issuers: Mapping[str, KeySetSerialization] | None = None
    ) -> None:
        self.issuers = {} if issuers is None else issuers
        """Public keys (JWKS) of issuers other than this cloud's Cognito user pools."""
        self._cloud = cloud

    def request(  # noqa: PLR0913 - an HTTP request has that many parts
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        customer: str | None = None,
    ) -> Reply:
        """Send a request; add a token of the user `customer` unless the headers have one."""
        request = HttpRequest.of(method, path, payload=json, body=body, headers=headers or {})
        if customer is not None:
            self.sign_in(request, customer)
        return self.handle(request)

    def sign_in(self, request: HttpRequest, customer: str) -> None:
        """Add the user's token unless the request has one."""
        if "authorization" not in request.headers:
            request.headers["authorization"] = f"Bearer {self._cloud.token(customer)}"

    def allows_origin(self, request: HttpRequest) -> bool:
        """Return whether the API's CORS configuration allows the page that sent the request."""
        origin = request.headers.get("origin")
        return origin is not None and Cors(self._api(request).cors_configuration).allows(origin)

    def handle(self, request: HttpRequest) -> Reply:
        """Handle a raw request."""
        # The cloud seeds moto's random generator on every reset.
        gateway_request_id = f"{mock_random.getrandbits(80):020x}"
        reply = _too_large(request) or self._route(request, gateway_request_id)
        reply.headers["apigw-requestid"] = gateway_request_id
        self._measure(self._api(request).api_id, reply.status)
        return reply

    def _measure(self, api_id: str, status: int) -> None:
        """Count a response.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
        """
        for name, value in (("Count", True), ("4xx", status // 100 == 4), ("5xx", status // 100 == 5)):  # noqa: PLR2004 - the classes of status codes
            self._cloud.metrics.put(Metric.of("AWS/ApiGateway", name, ApiId=api_id), value)

    def _route(self, request: HttpRequest, request_id: str) -> Reply:
        api = self._api(request)
        cors = Cors(api.cors_configuration)
        if cors.allows_credentials:
            raise UnsupportedHttpApiError(f"{api.name}: CorsConfiguration with AllowCredentials")
        if preflight := cors.preflight(request):
            return preflight
        stage, path = _stage(api, request.target.partition("?")[0])
        routes = {route.route_key: route for route in api.routes.values()}
        match = match_route(routes, request.method, path) if stage else None
        if stage is None or match is None:
            return Reply.message(404, "Not Found")
        gateway = GatewayContext(
            account_id=ACCOUNT,
            api_id=api.api_id,
            domain=f"{api.api_id}.execute-api.{REGION}.amazonaws.com",
            stage=stage,
            request_id=request_id,
            at=self._cloud.clock.now(),
        )
        try:
            caller = self._authorize(api, routes[match.route_key], request)
        except (UnauthorizedError, ForbiddenError) as error:
            return error.reply()
        event = request_event(request, match, gateway, caller)
        reply = self._integrate(api, routes[match.route_key], event, stage=stage)
        cors.mark(request, reply)
        return reply

    def _authorize(self, api: Api, route: Route, request: HttpRequest) -> dict[str, Any] | None:
        if route.authorization_type in (None, "NONE"):
            return None
        if route.authorization_type != "JWT":
            raise UnsupportedHttpApiError(f"{route.route_key}: authorization {route.authorization_type}")
        authorizer = jwt_authorizer(api, route)
        now = self._cloud.clock.now()
        return authorizer.authorize(
            request, scopes=route.authorization_scopes or (), now=now, issuers=self.issuers
        )

    def _integrate(self, api: Api, route: Route, event: dict[str, Any], *, stage: str) -> Reply:
        source_arn = execute_arn(api, stage, route.route_key)
        integration = api.integrations[route.target.removeprefix("integrations/")]
        if integration.integration_subtype:
            if reason := unsupported(integration):
                raise UnsupportedHttpApiError(f"{route.route_key}: {reason}")
            return call_service(self._cloud, integration, event, source_arn=source_arn)
        function = function_behind(integration, route)
        result = self._cloud.invoke(function, event, source_arn=source_arn)
        if result.error is not None:
            return Reply.message(500, "Internal Server Error")
        try:
            return reply_of(result.payload)
        except UnusableResultError:
            return Reply.message(500, "Internal Server Error")

    def _api(self, request: HttpRequest) -> Api:
        """Return the API in the host name, or the only API."""
        apis = deployed_apis()
        api_id = request.headers.get("host", "").partition(".")[0]
        if api_id in apis:
            return apis[api_id]
        if len(apis) != 1:
            raise UnsupportedHttpApiError(
                f"{len(apis)} HTTP APIs are deployed; set the host header to <api id>.…"
            )
        return next(iter(apis.values()))


def deployed_apis() -> dict[str, Api]:
    """Return the deployed HTTP APIs by id."""
    apis = apigatewayv2_backends[ACCOUNT][REGION].apis
    return {api_id: api for api_id, api in apis.items() if api.protocol_type == "HTTP"}


def jwt_authorizer(api: Api, route: Route) -> JwtAuthorizer:
    """Return the route's authorizer."""
    authorizer = api.authorizers[str(route.authorizer_id)].to_json()
    trusted = authorizer["jwtConfiguration"]
    return JwtAuthorizer(
        issuer=trusted["issuer"],
        audience=tuple(trusted["audience"]),
        identity_source=authorizer["identitySource"][0],
    )


def function_behind(integration: Integration, route: Route) -> str:
    """Return the route's function as `name` or `name:alias`; reject any other integration."""
    function = _FUNCTION.search(integration.integration_uri or "")
    kind = f"{integration.integration_type} {integration.payload_format_version}"
    if kind != "AWS_PROXY 2.0" or function is None:
        raise UnsupportedHttpApiError(f"{route.route_key}: integration {kind} {integration.integration_uri}")
    return function["name"]


def execute_arn(api: Api, stage: str, route_key: str) -> str:
    """Return the source ARN with which API Gateway invokes a route's function.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    method, _, path = route_key.partition(" ")
    place = f"{method}{path}" if path else f"*/{route_key}"
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.api_id}/{stage}/{place}"


def _stage(api: Api, path: str) -> tuple[str | None, str]:
    """Return the stage and the path below it; the path does not contain `$default`."""
    name, _, rest = path.removeprefix("/").partition("/")
    if name in api.stages and name != "$default":
        return name, f"/{rest}"
    return ("$default" if "$default" in api.stages else None), path


def _too_large(request: HttpRequest) -> Reply | None:
    line = len(request.method) + len(request.target) + len("  HTTP/1.1")
    if line + sum(len(value.encode()) for _, value in request.headers) > MAX_REQUEST_LINE_AND_HEADERS_BYTES:
        return Reply.message(431, "Request Header Fields Too Large")
    if len(request.body) > MAX_BODY_BYTES:
        return Reply.message(413, "Request Entity Too Large")
    return None
