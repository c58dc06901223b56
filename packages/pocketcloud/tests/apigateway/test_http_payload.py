"""Events and replies have payload format 2.0, as AWS documents it."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from pocketcloud.apigateway.http_message import HttpRequest
from pocketcloud.apigateway.http_payload import GatewayContext, UnusableResultError, reply_of, request_event
from pocketcloud.apigateway.http_routes import RouteMatch

GATEWAY = GatewayContext(
    account_id="123456789012",
    api_id="api-id",
    domain="api-id.execute-api.us-east-1.amazonaws.com",
    stage="$default",
    request_id="request-1",
    at=datetime(2020, 3, 12, 19, 3, 58, 390_000, tzinfo=UTC),
)


def an_event(*headers: tuple[str, str], target: str = "/", body: bytes = b"") -> dict[str, Any]:
    request = HttpRequest("POST", target, Headers(list(headers)), body)
    return request_event(request, RouteMatch("$default", {}), GATEWAY, None)


def test_request_becomes_the_documented_event() -> None:
    request = HttpRequest(
        "POST",
        "/path/to%20x?parameter1=value1&parameter1=value2&parameter2=value",
        Headers(
            [
                ("Header1", "value1"),
                ("Header2", "value1"),
                ("HEADER2", "value2"),
                ("Cookie", "cookie1; cookie2"),
                ("User-Agent", "agent"),
            ]
        ),
        b"Hello from Lambda",
        source_ip="192.0.2.1",
    )
    authorizer = {"jwt": {"claims": {"sub": "c"}, "scopes": ["a"]}}
    assert request_event(request, RouteMatch("POST /path/{id}", {"id": "to x"}), GATEWAY, authorizer) == {
        "version": "2.0",
        "routeKey": "POST /path/{id}",
        "rawPath": "/path/to x",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1", "cookie2"],
        "headers": {"header1": "value1", "header2": "value1,value2", "user-agent": "agent"},
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api-id",
            "authorizer": authorizer,
            "domainName": "api-id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "api-id",
            "http": {
                "method": "POST",
                "path": "/path/to x",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": "request-1",
            "routeKey": "POST /path/{id}",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1584039838390,
        },
        "body": "Hello from Lambda",
        "pathParameters": {"id": "to x"},
        "isBase64Encoded": False,
    }


def test_event_omits_fields_that_the_request_lacks() -> None:
    absent = {"cookies", "queryStringParameters", "body", "pathParameters"}
    event = an_event()
    assert not absent & event.keys()
    assert "authorizer" not in event["requestContext"]


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/json; charset=utf-8", "ä".encode(), False),
        ("text/csv", b"a,b", False),
        ("application/json", b"\xff\xfe", True),
        ("application/octet-stream", b"plain", True),
        ("image/png", b"\x89PNG", True),
    ],
)
def test_body_is_base64_unless_it_is_utf8_text(content_type: str, body: bytes, *, encoded: bool) -> None:
    event = an_event(("content-type", content_type), body=body)
    assert event["isBase64Encoded"] is encoded
    assert event["body"] == (base64.b64encode(body).decode() if encoded else body.decode())


def test_full_result_becomes_status_headers_cookies_and_body() -> None:
    reply = reply_of(
        {"statusCode": 201, "headers": {"Location": "/x", "n": 1}, "cookies": ["a=1", "b=2"], "body": "{}"}
    )
    assert (reply.status, reply.headers["location"], reply.headers["n"]) == (201, "/x", "1")
    assert reply.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert reply.json() == {}


def test_base64_result_is_decoded() -> None:
    assert reply_of({"statusCode": 200, "body": "/w==", "isBase64Encoded": True}).content == b"\xff"


@pytest.mark.parametrize(
    ("result", "body"), [({"message": "hi"}, '{"message": "hi"}'), ("hi", "hi"), ([1], "[1]")]
)
def test_result_without_a_status_code_is_the_body(result: object, body: str) -> None:
    reply = reply_of(result)
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, "application/json", body)


@pytest.mark.parametrize(
    "result",
    [
        "\ud800",
        {"statusCode": "twelve"},
        {"statusCode": 42},
        {"statusCode": 200, "body": {"not": "a string"}},
        {"statusCode": 200, "body": "?", "isBase64Encoded": True},
        {"statusCode": 200, "body": "\ud800"},
        {"statusCode": 200, "headers": ["x"]},
        {"statusCode": 200, "headers": {"x": "two\nlines"}},
        {"statusCode": 200, "cookies": 5},
    ],
)
def test_invalid_result_is_rejected(result: object) -> None:
    with pytest.raises(UnusableResultError):
        reply_of(result)
