"""Serve the deployed REST APIs: find the method, authorize, validate and pass requests to functions."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from moto.moto_api._internal import mock_random

from pocketcloud.apigateway.endpoint_cloud import EndpointCloud
from pocketcloud.apigateway.http_api import MAX_BODY_BYTES, UnsupportedHttpApiError
from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.apigateway.http_payload import UnusableResultError
from pocketcloud.apigateway.http_routes import match_segments
from pocketcloud.apigateway.rest_authorizers import AuthorizerCache, authorize_by_function
from pocketcloud.apigateway.rest_cognito import authorize_by_pool
from pocketcloud.apigateway.rest_deployment import RestAuthorizer, RestDeployment, RestMethod, snapshot_of
from pocketcloud.apigateway.rest_keys import require_key
from pocketcloud.apigateway.rest_mock import mock_reply
from pocketcloud.apigateway.rest_payload import RestContext, add_body, proxy_event, rest_reply
from pocketcloud.apigateway.rest_responses import GatewayError
from pocketcloud.apigateway.rest_validation import validate
from pocketcloud.cloudwatch.metrics import Metric
from pocketcloud.core.engine import ACCOUNT, REGION
from pocketcloud.core.identifiers import new_identifier

if TYPE_CHECKING:
    from moto.apigateway.models import RestAPI, Stage

_FUNCTION = re.compile(r":function:(?P<name>[\w-]+(:[\w$.{}-]+)?)/invocations$")
_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_GATEWAY = "apigateway.amazonaws.com"


class RestApis:
    """Handles requests as the deployed REST APIs would."""

    def __init__(self, cloud: EndpointCloud) -> None:
        self._cloud = cloud
        self._cache = AuthorizerCache()

    def handle(self, request: HttpRequest, api: "RestAPI") -> Reply:
        """Handle a raw request to this API."""
        name, path = _split(request)
        stage = api.stages.get(name)
        context = self._context(request, api, stage, name, path)
        deployment = None if stage is None else self._deployment(api, stage)
        match = _match(deployment, request, path)
        try:
            reply = self._respond(request, api, deployment, context, match)
        except GatewayError as error:
            named = {"apiId": api.id, "httpMethod": request.method, "path": context.full_path}
            named |= {"requestId": context.request_id, "extendedRequestId": context.extended_request_id}
            named |= {"stage": context.stage, "resourcePath": match[0].path if match else context.path}
            reply = error.reply({} if deployment is None else deployment.responses, named)
        reply.headers["x-amzn-RequestId"] = context.request_id
        reply.headers["x-amz-apigw-id"] = context.extended_request_id
        self._measure(api.name, stage, reply.status)
        return reply

    def method_of(self, request: HttpRequest, api: "RestAPI") -> RestMethod | None:
        """Return the method that a request reaches."""
        name, path = _split(request)
        stage = api.stages.get(name)
        match = _match(None if stage is None else self._deployment(api, stage), request, path)
        return match[0] if match else None

    def _context(
        self, request: HttpRequest, api: "RestAPI", stage: "Stage | None", name: str, path: str
    ) -> RestContext:
        return RestContext(
            account_id=ACCOUNT,
            api_id=api.id,
            domain=f"{api.id}.execute-api.{REGION}.amazonaws.com",
            stage=name,
            deployment_id=str(stage.deployment_id) if stage else "",
            request_id=new_identifier(),
            extended_request_id=f"{mock_random.getrandbits(80):020x}",
            at=self._cloud.clock.now(),
            variables=dict(stage.variables) if stage else {},
            path=path,
            full_path=_sent_path(request),
        )

    def _deployment(self, api: "RestAPI", stage: "Stage") -> RestDeployment:
        snapshot = snapshot_of(api, stage.deployment_id)
        if snapshot is None:
            raise UnsupportedHttpApiError(
                f"{api.name}: the deployment of stage {stage.name} was not made by CloudFormation"
            )
        return snapshot

    def _respond(
        self,
        request: HttpRequest,
        api: "RestAPI",
        deployment: RestDeployment | None,
        context: RestContext,
        match: tuple[RestMethod, dict[str, str]] | None,
    ) -> Reply:
        if deployment is None or api.disableExecuteApiEndpoint:
            return Reply.message(403, "Forbidden", **{"x-amzn-ErrorType": "ForbiddenException"})
        if len(request.body) > MAX_BODY_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE")
        if match is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN")
        method, parameters = match
        event = proxy_event(request, method, parameters, context)
        usage_key = self._authorize(request, method, event)
        if method.api_key_required:
            value = usage_key if deployment.key_source == "AUTHORIZER" else request.headers.get("x-api-key")
            key = require_key(value, api.id, context.stage)
            event["requestContext"]["identity"] |= {"apiKey": key.value, "apiKeyId": key.id}
        validate(method, request, parameters, deployment.models)
        if method.integration.kind == "MOCK":
            return mock_reply(method.integration, request)
        add_body(event, request, deployment.binary_types)
        return self._invoke(request, method, event, deployment.binary_types)

    def _authorize(self, request: HttpRequest, method: RestMethod, event: dict[str, Any]) -> str | None:
        """Add the caller to the event; return the API key that a Lambda authorizer chose."""
        authorizer, now = method.authorizer, self._cloud.clock.now()
        if authorizer is None:
            return None
        context = event["requestContext"]
        if authorizer.kind == "COGNITO_USER_POOLS":
            context["authorizer"] = authorize_by_pool(authorizer, method, request, now)
            return None
        result = authorize_by_function(
            authorizer,
            request,
            event,
            method_arn=_arn(context, f"{context['stage']}/{request.method}{event['path']}"),
            call=lambda called, sent: self._call_authorizer(called, sent, event),
            cache=self._cache,
            now=now,
        )
        context["authorizer"] = {**result.context, "principalId": result.principal}
        return result.usage_key

    def _call_authorizer(
        self, authorizer: RestAuthorizer, sent: dict[str, Any], event: Mapping[str, Any]
    ) -> tuple[object, bool]:
        source = _arn(event["requestContext"], f"authorizers/{authorizer.id}")
        name = self._permitted(authorizer.uri, source, event["stageVariables"] or {})
        if name is None:
            return None, True
        result = self._cloud.invoke(name, sent)
        return result.payload, result.error is not None

    def _invoke(
        self, request: HttpRequest, method: RestMethod, event: dict[str, Any], binary: tuple[str, ...]
    ) -> Reply:
        context = event["requestContext"]
        source = _arn(context, f"{context['stage']}/{request.method}{method.path}")
        name = self._permitted(method.integration.uri, source, event["stageVariables"] or {})
        if name is None:
            raise GatewayError("API_CONFIGURATION_ERROR")
        began = self._cloud.clock.now()
        result = self._cloud.invoke(name, event)
        if self._cloud.clock.now() - began > timedelta(milliseconds=method.integration.timeout_ms):
            raise GatewayError("INTEGRATION_TIMEOUT")
        try:
            # The error document of a failed function is no reply either.
            return rest_reply(result.payload, request, binary)
        except UnusableResultError as error:
            raise GatewayError("DEFAULT_5XX") from error

    def _permitted(self, uri: str, source_arn: str, variables: Mapping[str, str]) -> str | None:
        """Return the function as `name` or `name:alias`; None if API Gateway may not invoke it."""
        found = _FUNCTION.search(_STAGE_VARIABLE.sub(lambda each: variables.get(each[1], ""), uri))
        if found is None:
            return None
        access = self._cloud.access
        arn = access.location.arn("lambda", f"function:{found['name']}")
        denial = access.authorize_service(_GATEWAY, "lambda:InvokeFunction", arn, source_arn=source_arn)
        return None if denial else found["name"]

    def _measure(self, api_name: str, stage: "Stage | None", status: int) -> None:
        """Count a response, by API and by stage.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
        """
        kinds = {"Count": True, "4XXError": status // 100 == 4, "5XXError": status // 100 == 5}  # noqa: PLR2004 - the classes of status codes
        for name, value in kinds.items():
            self._cloud.metrics.put(Metric.of("AWS/ApiGateway", name, ApiName=api_name), value)
            if stage is not None:
                by_stage = Metric.of("AWS/ApiGateway", name, ApiName=api_name, Stage=str(stage.name))
                self._cloud.metrics.put(by_stage, value)


def _sent_path(request: HttpRequest) -> str:
    return "/" + request.target.partition("?")[0].lstrip("/")


def _split(request: HttpRequest) -> tuple[str, str]:
    """Return the stage in the path, and the path below it, which loses the slashes it starts with."""
    name, _, rest = _sent_path(request)[1:].partition("/")
    return name, "/" + rest.lstrip("/")


def _match(
    deployment: RestDeployment | None, request: HttpRequest, path: str
) -> tuple[RestMethod, dict[str, str]] | None:
    """Return the method and the path parameters; a slash at the end does not count.

    A resource without the method leaves the request to a less specific one, as measured on AWS:
    github.com/ministackorg/ministack/pull/1423
    """
    if deployment is None:
        return None
    segments = path.rstrip("/").split("/")[1:] or [""]
    found = match_segments(deployment.methods, request.method, segments)
    return (deployment.methods[found.route_key], found.path_parameters) if found else None


def _arn(context: Mapping[str, Any], place: str) -> str:
    """Return the ARN of a method or an authorizer.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
    """
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{context['apiId']}/{place}"
