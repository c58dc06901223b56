"""Payload format 1.0 of REST APIs: convert requests to events, and results of functions to replies.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
Paths stay percent-encoded, and query parameters do not: github.com/middleapi/standard-server/pull/93
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers

from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.apigateway.http_payload import UnusableResultError
from pocketcloud.apigateway.rest_deployment import RestMethod

_STATUS_CODES = range(100, 600)
_RESULT = {"body", "headers", "isBase64Encoded", "multiValueHeaders", "statusCode"}
_REMAPPED = {"connection", "content-length", "date", "server", "www-authenticate"}
"""Headers that API Gateway renames: functions cannot set them.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"""
_IDENTITY = (
    "accessKey",
    "accountId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "user",
    "userArn",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestContext:
    """API Gateway's data about one request to a REST API."""

    account_id: str
    api_id: str
    domain: str
    stage: str
    deployment_id: str
    request_id: str
    extended_request_id: str
    at: datetime
    variables: Mapping[str, str]
    """Stage variables."""
    path: str
    """The path below the stage."""
    full_path: str
    """The path with the stage, as it was sent."""


def proxy_event(
    request: HttpRequest, method: RestMethod, parameters: Mapping[str, str], context: RestContext
) -> dict[str, Any]:
    """Build the event without body; fields that the request lacks are null."""
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault(name, []).append(value)
    return {
        "resource": method.path,
        "path": context.path,
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers or None,
        "queryStringParameters": _last(query),
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": dict(context.variables) or None,
        "requestContext": _context(request, method, context),
    }


def add_body(event: dict[str, Any], request: HttpRequest, binary_types: tuple[str, ...]) -> None:
    """Add the body as text, or in base64 if the API declares its content type as binary."""
    binary = is_binary(request.headers.get("content-type"), binary_types)
    body = base64.b64encode(request.body).decode() if binary else request.body.decode(errors="replace")
    event["body"] = body or None
    event["isBase64Encoded"] = binary and bool(body)


def _last(values: Mapping[str, list[str]]) -> dict[str, str] | None:
    return {name: listed[-1] for name, listed in values.items()} or None


def _context(request: HttpRequest, method: RestMethod, context: RestContext) -> dict[str, Any]:
    return {
        "accountId": context.account_id,
        "apiId": context.api_id,
        "deploymentId": context.deployment_id,
        "domainName": context.domain,
        "domainPrefix": context.domain.partition(".")[0],
        "extendedRequestId": context.extended_request_id,
        "httpMethod": request.method,
        "identity": {
            **dict.fromkeys(_IDENTITY),
            "sourceIp": request.source_ip,
            "userAgent": request.headers.get("user-agent"),
        },
        "path": context.full_path,
        "protocol": "HTTP/1.1",
        "requestId": context.request_id,
        "requestTime": context.at.strftime("%d/%b/%Y:%H:%M:%S %z"),
        "requestTimeEpoch": int(context.at.timestamp() * 1000),
        "resourceId": method.resource_id,
        "resourcePath": method.path,
        "stage": context.stage,
    }


def media_type(request: HttpRequest) -> str:
    """Return the request's content type without parameters; API Gateway assumes JSON if there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() or "application/json"


def is_binary(content_type: str | None, binary_types: tuple[str, ...]) -> bool:
    """Return whether the API declares the content type as binary; `*/*` is every type, even a missing one."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return any(each == "*/*" or fnmatchcase(kind, each.lower()) for each in binary_types)


def rest_reply(result: object, request: HttpRequest, binary_types: tuple[str, ...]) -> Reply:
    """Convert a function's result to a reply; raise UnusableResultError for any other form.

    The rules are of an AWS-validated record, dated 15-11-2024:
    github.com/localstack/localstack, test_aws_proxy_response_payload_format_validation
    """
    if not isinstance(result, dict) or result.keys() - _RESULT:
        raise UnusableResultError("the function's result is not a proxy response")
    try:
        status = int(result.get("statusCode") or 200)
        headers = _reply_headers(result)
        # API Gateway decides by the first media type that the client accepts.
        accepted = request.headers.get("accept", "").partition(",")[0]
        decodes = bool(result.get("isBase64Encoded")) and is_binary(accepted, binary_types)
        content = _content(result.get("body"), decodes=decodes)
    except (AttributeError, TypeError, ValueError) as error:
        raise UnusableResultError(f"the function's result is not a valid reply: {error}") from error
    if status not in _STATUS_CODES:
        raise UnusableResultError(f"{status} is not an HTTP status")
    return Reply(status, headers, content)


def _content(body: object, *, decodes: bool) -> bytes:
    if body is not None and not isinstance(body, str):
        raise TypeError(f"its body is a {type(body).__name__}, not a string")
    return base64.b64decode(body or "", validate=True) if decodes else (body or "").encode()


def _reply_headers(result: dict[str, Any]) -> Headers:
    """Merge both kinds of headers: a name that has several values gets the single one as well."""
    headers = Headers()
    for name, values in (result.get("multiValueHeaders") or {}).items():
        if not isinstance(values, list):
            raise TypeError(f"the header {name} of multiValueHeaders is not a list")
        for value in values:
            headers.add(_renamed(name), _text(value))
    for name, value in (result.get("headers") or {}).items():
        headers.add(_renamed(name), _text(value))
    headers.setdefault("content-type", "application/json")
    return headers


def _renamed(name: str) -> str:
    return f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name


def _text(value: object) -> str:
    if value is None or isinstance(value, dict | list):
        raise TypeError(f"a header has the value {value!r}")
    return str(value).lower() if isinstance(value, bool) else str(value)
