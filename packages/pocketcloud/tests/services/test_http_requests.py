"""The requests that moto gets are those that it builds itself."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from moto.core.request import Request

from pocketcloud import OfflineCloud

ORIGINAL: Callable[..., Request] = vars(Request)["from_primitives"].__func__
"""moto's own; an open cloud replaces it."""
URLS = (
    "https://sqs.eu-west-1.amazonaws.com/",
    "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/a%3Ab/versions?Marker=x%2Fy&MaxItems=1",
    "https://bucket.s3.eu-west-1.amazonaws.com/a/%20b%252F%C3%A9?list-type=2",
    "http://127.0.0.1:4566/123456789012/queue?",
)
FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "Content-Type": (
        "application/x-amz-json-1.0",
        "application/x-www-form-urlencoded",
    ),
    "X-Amz-Target": ("AmazonSQS.SendMessage", b"DynamoDB_20120810.GetItem"),
    "x-amz-meta-my_key": ("one", "two words"),
    "Content-Length": ("0", b"3"),
    "transfer-encoding": ("chunked",),
    "Host": ("elsewhere.example",),
    "Authorization": (b"AWS4-HMAC-SHA256 Credential=offline/20260101/eu-west-1/sqs/aws4_request",),
}


def seen(request: Request) -> tuple[Any, ...]:
    """Return all that moto can read of a request."""
    objects = {"wsgi.input", "werkzeug.request"}
    environment = {name: value for name, value in request.environ.items() if name not in objects}
    return environment, sorted(request.headers), request.raw_url, request.form, request.data, request.values


@given(
    method=st.sampled_from(("GET", "POST", "PUT", "DELETE")),
    url=st.sampled_from(URLS),
    headers=st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in HEADERS.items()}
    ),
    body=st.one_of(st.none(), st.binary(max_size=9), st.text(max_size=9), st.just("Action=A&Name=b%20c")),
)
@example(
    method="POST", url=URLS[0], headers={"Content-Type": "application/x-www-form-urlencoded"}, body="A=1"
)
def test_request_is_that_of_moto(
    method: str, url: str, headers: Mapping[str, str | bytes], body: str | bytes | None
) -> None:
    length = len(body.encode() if isinstance(body, str) else body or b"")
    sent = {**headers, **({"Content-Length": str(length)} if "Content-Length" in headers else {})}
    with OfflineCloud():
        ours = Request.from_primitives(method, url, sent, body)
    assert seen(ours) == seen(ORIGINAL(Request, method, url, sent, body))


@pytest.mark.parametrize("body", [BytesIO(b"a file")])
def test_body_of_another_type_is_read_by_moto(body: BytesIO) -> None:
    with OfflineCloud():
        request = Request.from_primitives("PUT", URLS[0], {}, body)
    assert request.data == b"a file"
