"""The HTTP front: what API Gateway does between a client and a function, for the APIs deployed into moto."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from joserfc.jwk import KeySetSerialization
from moto.apigatewayv2.models import Api, Route, apigatewayv2_backends
from moto.moto_api._internal import mock_random

from offline.authorizer import ForbiddenError, JwtAuthorizer, UnauthorizedError
from offline.cors import Cors
from offline.engine import ACCOUNT, REGION
from offline.http_message import Reply, Request
from offline.http_payload import Gateway, UnusableResultError, reply_of, request_event
from offline.http_routes import match_route

__all__ = ["HttpApi", "Reply", "Request", "UnsupportedHttpApiError"]

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MAX_BODY = 10 * 1024 * 1024
MAX_REQUEST_LINE_AND_HEADERS = 10_240

_FUNCTION = re.compile(r":function:(?P<name>[\w-]+(:[\w-]+)?)")


Client = Any
"""boto3's clients share no type."""


class UnsupportedHttpApiError(NotImplementedError):
    """The deployed API uses something the offline front does not carry out."""


class _Clock(Protocol):
    def now(self) -> datetime: ...


class _Result(Protocol):
    @property
    def payload(self) -> object: ...
    @property
    def error(self) -> object | None: ...


class Cloud(Protocol):
    """What the front needs of the offline cloud."""

    @property
    def clock(self) -> _Clock: ...
    def client(self, service: str) -> Client: ...
    def invoke(self, function_name: str, payload: dict[str, Any], *, source_arn: str) -> _Result: ...
    def token(self, customer: str) -> str: ...


class HttpApi:
    """Answers HTTP requests as the deployed HTTP API would."""

    def __init__(self, cloud: Cloud, *, issuers: Mapping[str, KeySetSerialization] | None = None) -> None:
        self.issuers = dict(issuers or {})
        """The public keys (JWKS) of issuers that are no Cognito user pool of this cloud."""
        self._cloud = cloud

    def request(  # noqa: PLR0913 — the words of an HTTP request, all but two by keyword
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        customer: str | None = None,
    ) -> Reply:
        """The reply to one request; `customer` adds that customer's token unless one is given."""
        request = Request.of(method, path, payload=json, body=body, headers=headers or {})
        if customer is not None and "authorization" not in request.headers:
            request.headers["authorization"] = f"Bearer {self._cloud.token(customer)}"
        return self.handle(request)

    def allows_origin(self, request: Request) -> bool:
        """Whether the API's CORS configuration allows the page that the request is from."""
        origin = request.headers.get("origin")
        return origin is not None and Cors(self._api(request).cors_configuration).allows(origin)

    def handle(self, request: Request) -> Reply:
        """The reply to a request as it stands on the wire."""
        # moto's own chance, which the cloud seeds anew with every reset.
        gateway_request_id = f"{mock_random.getrandbits(80):020x}"
        reply = _too_large(request) or self._routed(request, gateway_request_id)
        reply.headers["apigw-requestid"] = gateway_request_id
        return reply

    def _routed(self, request: Request, request_id: str) -> Reply:
        api = self._api(request)
        cors = Cors(api.cors_configuration)
        if cors.allows_credentials:
            raise UnsupportedHttpApiError(f"{api.name}: CorsConfiguration with AllowCredentials")
        if answer := cors.preflight(request):
            return answer
        stage, path = _stage(api, request.target.partition("?")[0])
        routes = {route.route_key: route for route in api.routes.values()}
        match = match_route(routes, request.method, path) if stage else None
        if stage is None or match is None:
            return Reply.message(404, "Not Found")
        gateway = Gateway(
            account_id=ACCOUNT,
            api_id=api.api_id,
            domain=f"{api.api_id}.execute-api.{REGION}.amazonaws.com",
            stage=stage,
            request_id=request_id,
            at=self._cloud.clock.now(),
        )
        try:
            caller = self._authorized(api, routes[match.route_key], request)
        except (UnauthorizedError, ForbiddenError) as refusal:
            return refusal.reply()
        event = request_event(request, match, gateway, caller)
        reply = self._integrated(api, routes[match.route_key], event, stage=stage)
        cors.mark(request, reply)
        return reply

    def _authorized(self, api: Api, route: Route, request: Request) -> dict[str, Any] | None:
        if route.authorization_type in (None, "NONE"):
            return None
        if route.authorization_type != "JWT":
            raise UnsupportedHttpApiError(f"{route.route_key}: authorization {route.authorization_type}")
        authorizer = jwt_authorizer(api, route)
        now = self._cloud.clock.now()
        return authorizer.authorize(
            request, scopes=route.authorization_scopes or (), now=now, issuers=self.issuers
        )

    def _integrated(self, api: Api, route: Route, event: dict[str, Any], *, stage: str) -> Reply:
        source_arn = execute_arn(api, stage, route.route_key)
        result = self._cloud.invoke(function_behind(api, route), event, source_arn=source_arn)
        if result.error is not None:
            return Reply.message(500, "Internal Server Error")
        try:
            return reply_of(result.payload)
        except UnusableResultError:
            return Reply.message(500, "Internal Server Error")

    def _api(self, request: Request) -> Api:
        """The API the host name asks for, or the only one there is."""
        apis = deployed_apis()
        asked = request.headers.get("host", "").partition(".")[0]
        if asked in apis:
            return apis[asked]
        if len(apis) != 1:
            raise UnsupportedHttpApiError(
                f"{len(apis)} HTTP APIs are deployed; name one by its host <api id>.…"
            )
        return next(iter(apis.values()))


def deployed_apis() -> dict[str, Api]:
    """The HTTP APIs deployed into moto, by their ids."""
    apis = apigatewayv2_backends[ACCOUNT][REGION].apis
    return {api_id: api for api_id, api in apis.items() if api.protocol_type == "HTTP"}


def jwt_authorizer(api: Api, route: Route) -> JwtAuthorizer:
    """The authorizer in front of a route."""
    authorizer = api.authorizers[str(route.authorizer_id)].to_json()
    trusted = authorizer["jwtConfiguration"]
    return JwtAuthorizer(
        issuer=trusted["issuer"],
        audience=tuple(trusted["audience"]),
        identity_source=authorizer["identitySource"][0],
    )


def function_behind(api: Api, route: Route) -> str:
    """The function or `name:alias` a route leads to; any other integration is refused by name."""
    integration = api.integrations[route.target.removeprefix("integrations/")]
    function = _FUNCTION.search(integration.integration_uri or "")
    kind = f"{integration.integration_type} {integration.payload_format_version}"
    if kind != "AWS_PROXY 2.0" or function is None:
        raise UnsupportedHttpApiError(f"{route.route_key}: integration {kind} {integration.integration_uri}")
    return function["name"]


def execute_arn(api: Api, stage: str, route_key: str) -> str:
    """The ARN in whose name API Gateway invokes a route's function.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    method, _, path = route_key.partition(" ")
    place = f"{method}{path}" if path else f"*/{route_key}"
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.api_id}/{stage}/{place}"


def _stage(api: Api, path: str) -> tuple[str | None, str]:
    """The stage asked for and the path below it; `$default` needs no name in the path."""
    name, _, rest = path.removeprefix("/").partition("/")
    if name in api.stages and name != "$default":
        return name, f"/{rest}"
    return ("$default" if "$default" in api.stages else None), path


def _too_large(request: Request) -> Reply | None:
    line = len(request.method) + len(request.target) + len("  HTTP/1.1")
    if line + sum(len(value.encode()) for _, value in request.headers) > MAX_REQUEST_LINE_AND_HEADERS:
        return Reply.message(431, "Request Header Fields Too Large")
    if len(request.body) > MAX_BODY:
        return Reply.message(413, "Request Entity Too Large")
    return None
