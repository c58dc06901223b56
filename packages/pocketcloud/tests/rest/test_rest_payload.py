"""Bodies and responses of functions behind a REST API.

Most cases are of an AWS-validated record, dated 15-11-2024:
github.com/localstack/localstack, test_aws_proxy_response_payload_format_validation
"""

import base64
import json
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from pocketcloud.apigateway.http_message import HttpRequest
from pocketcloud.apigateway.http_payload import UnusableResultError
from pocketcloud.apigateway.rest_payload import add_body, is_binary, rest_reply

GET = HttpRequest("GET", "/")
ENCODED = base64.b64encode(b"test-data").decode()


def accepting(kinds: str) -> HttpRequest:
    return HttpRequest("GET", "/", Headers({"Accept": kinds}))


@pytest.mark.parametrize(
    ("result", "status"),
    [({"statusCode": 200}, 200), ({"statusCode": "201"}, 201), ({"headers": {"a": "b"}}, 200)],
)
def test_status_is_a_number_a_text_or_absent(result: dict[str, Any], status: int) -> None:
    reply = rest_reply(result, GET, ())
    assert (reply.status, reply.content) == (status, b"")
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": 200, "wrongValue": "value"},
        {"statusCode": "test"},
        {"statusCode": 99},
        {"statusCode": 200, "multiValueHeaders": {"a": "value1"}},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "body": {"a": 1}},
        "justAString",
        None,
    ],
)
def test_malformed_result_is_unusable(result: object) -> None:
    with pytest.raises(UnusableResultError):
        rest_reply(result, GET, ())


def test_headers_are_text_and_may_be_null() -> None:
    assert rest_reply({"headers": {"flag": True, "n": 1}}, GET, ()).headers["flag"] == "true"
    assert rest_reply({"statusCode": 200, "headers": None}, GET, ()).status == 200


def test_headers_of_both_kinds_are_merged() -> None:
    result = {"multiValueHeaders": {"tesT-Multi": ["multi"]}, "headers": {"test-multi": "solo"}}
    assert rest_reply(result, GET, ()).headers.getlist("test-multi") == ["multi", "solo"]


def test_header_of_the_connection_is_renamed() -> None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    headers = rest_reply({"headers": {"WWW-Authenticate": "Basic"}}, GET, ()).headers
    assert (headers["x-amzn-remapped-www-authenticate"], "www-authenticate" in headers) == ("Basic", False)


@pytest.mark.parametrize(
    ("accept", "types", "content"),
    [
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
        ("image/png", (), ENCODED.encode()),
        ("image/png", ("image/png",), b"test-data"),
        ("image/png", ("image/*",), b"test-data"),
        ("text/html,image/png", ("image/png",), ENCODED.encode()),
        ("image/png,text/html", ("image/png",), b"test-data"),
        ("text/html", ("*/*",), b"test-data"),
    ],
)
def test_binary_result_is_decoded_when_the_client_accepts(
    accept: str, types: tuple[str, ...], content: bytes
) -> None:
    result = {"body": ENCODED, "isBase64Encoded": True}
    assert rest_reply(result, accepting(accept), types).content == content


def test_text_result_stays_when_binary_is_accepted() -> None:
    assert rest_reply({"body": ENCODED}, accepting("*/*"), ("*/*",)).body == ENCODED


@pytest.mark.parametrize(
    ("kind", "types", "encoded"),
    [("image/png", ("image/png",), True), ("image/png; q=1", ("image/png",), True), ("text/a", (), False)],
)
def test_body_of_a_binary_type_is_encoded(kind: str, types: tuple[str, ...], encoded: bool) -> None:  # noqa: FBT001 - a case
    event: dict[str, Any] = {}
    add_body(event, HttpRequest("POST", "/", Headers({"Content-Type": kind}), b"abc"), types)
    expected = base64.b64encode(b"abc").decode() if encoded else "abc"
    assert event == {"body": expected, "isBase64Encoded": encoded}


def test_missing_body_is_null_when_all_types_are_binary() -> None:
    event: dict[str, Any] = {}
    add_body(event, GET, ("*/*",))
    assert json.loads(json.dumps(event)) == {"body": None, "isBase64Encoded": False}
    assert is_binary(None, ("*/*",))
