"""Payload format 2.0: convert requests to events, and results of functions to replies.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers

from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.apigateway.http_routes import RouteMatch

_STATUS_CODES = range(100, 600)
_TEXT = ("text/", "application/json", "application/javascript", "application/xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayContext:
    """API Gateway's data about one request."""

    account_id: str
    api_id: str
    domain: str
    stage: str
    request_id: str
    at: datetime


class UnusableResultError(ValueError):
    """API Gateway cannot convert the function's result to a reply."""


def request_event(
    request: HttpRequest, route: RouteMatch, gateway: GatewayContext, authorizer: dict[str, Any] | None
) -> dict[str, Any]:
    """Build the event; omit fields that the request lacks."""
    body, encoded = _body(request)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.route_key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "cookies": [
            cookie.strip() for line in request.headers.getlist("cookie") for cookie in line.split(";")
        ],
        "headers": _headers(request),
        "queryStringParameters": _query(request.query),
        "requestContext": _context(request, route, gateway, authorizer),
        "body": body,
        "pathParameters": route.path_parameters,
        "isBase64Encoded": encoded,
    }
    optional = {"cookies", "queryStringParameters", "body", "pathParameters"}
    return {name: value for name, value in event.items() if value or name not in optional}


def _context(
    request: HttpRequest, route: RouteMatch, gateway: GatewayContext, authorizer: dict[str, Any] | None
) -> dict[str, Any]:
    context: dict[str, Any] = {
        "accountId": gateway.account_id,
        "apiId": gateway.api_id,
        "domainName": gateway.domain,
        "domainPrefix": gateway.domain.partition(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.headers.get("user-agent", ""),
        },
        "requestId": gateway.request_id,
        "routeKey": route.route_key,
        "stage": gateway.stage,
        "time": gateway.at.strftime("%d/%b/%Y:%H:%M:%S %z"),
        "timeEpoch": int(gateway.at.timestamp() * 1000),
    }
    return context | ({"authorizer": authorizer} if authorizer is not None else {})


def _headers(request: HttpRequest) -> dict[str, str]:
    """Join repeated headers with commas, by lower-case name; omit cookies, which have their own field."""
    joined: dict[str, str] = {}
    for name, value in request.headers:
        key = name.lower()
        if key != "cookie":
            joined[key] = f"{joined[key]},{value}" if key in joined else value
    return joined


def _query(query: str) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(request: HttpRequest) -> tuple[str | None, bool]:
    """Return the body as text, or in base64 if it is not a text type or not UTF-8."""
    if not request.body:
        return None, False
    kind = request.headers.get("content-type", "text/plain").lower()
    if kind.startswith(_TEXT):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass  # Encode it as binary.
    return base64.b64encode(request.body).decode(), True


def reply_of(result: object) -> Reply:
    """Convert a function's result to a reply; without `statusCode`, the whole result is the body."""
    try:
        if not isinstance(result, dict) or "statusCode" not in result:
            body = result if isinstance(result, str) else json.dumps(result)
            return Reply(200, Headers([("content-type", "application/json")]), body.encode())
        return Reply(_status(result["statusCode"]), _reply_headers(result), _content(result))
    except (AttributeError, TypeError, ValueError) as error:
        raise UnusableResultError(f"the function's result is not a valid reply: {error}") from error


def _reply_headers(result: dict[str, Any]) -> Headers:
    headers = Headers([(str(name), str(value)) for name, value in (result.get("headers") or {}).items()])
    headers.setdefault("content-type", "text/plain;charset=UTF-8")
    for cookie in result.get("cookies") or ():
        headers.add("set-cookie", str(cookie))
    return headers


def _status(status: object) -> int:
    code = int(str(status))
    if code not in _STATUS_CODES:
        raise ValueError(f"{code} is not an HTTP status")
    return code


def _content(result: dict[str, Any]) -> bytes:
    body = result.get("body")
    if body is not None and not isinstance(body, str):
        raise TypeError(f"its body is a {type(body).__name__}, not a string")
    # Invalid base64 raises binascii.Error, a ValueError.
    return (
        base64.b64decode(body or "", validate=True)
        if result.get("isBase64Encoded")
        else (body or "").encode()
    )
