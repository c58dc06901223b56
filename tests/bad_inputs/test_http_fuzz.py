"""The handler responds to any request, and writes only for an accepted order."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_profile import examples

from functions.orders.problems import PROBLEMS
from functions.shared.runtime.clients import dynamodb
from tests.bad_inputs.http_row import GOOD
from tests.contract.documents import mutants
from tests.unit.functions.account import names_of_facts
from tests.unit.functions.aws_faults import recorded_calls
from tests.unit.functions.shop import BASKET, Reply, a_request, ask, post

pytestmark = pytest.mark.usefixtures("catalogue")

fuzzing = settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
TOTAL = {"amount": 5099, "currency": "GBP"}
TOKENS = st.sampled_from(
    [*'"{}[],:\\-\ud800', "\\ud800", "\\u0000", "\\u202e", "NaN", "1e999", "9" * 40, "null", ' "email": "",']
)
HEADERS = st.sampled_from(
    ["idempotency-key", "content-type", "content-encoding", "traceparent", "x-amzn-trace-id", "date", "host"]
)
ROUTES = (
    "POST /orders",
    "GET /orders/{id}",
    "POST /orders/{id}/cancellation",
    "GET /openapi.json",
    "GET /asyncapi.json",
)


@st.composite
def spoilt_text(draw: st.DrawFn) -> str:
    """The text of a sound body, cut, doubled or with something put into it in up to four places."""
    text = GOOD
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        end = min(end, start + 5)
        text = text[:start] + draw(st.just("") | TOKENS | st.text(max_size=3)) + text[end:]
    return text


def holds(send: Callable[[], Reply]) -> None:
    """Require a response, which is a problem and begins no transaction if the request is rejected."""
    before = len(names_of_facts())
    with recorded_calls(dynamodb()) as calls:
        reply = send()
    if reply.status < 400:
        return
    assert PROBLEMS[reply.code] == reply.status < 500
    assert "Traceback" not in reply.body
    assert "TransactWriteItems" not in calls or reply.code == "idempotency_key_reused"
    assert len(names_of_facts()) == before


@fuzzing
@given(st.binary(max_size=300))
def test_any_bytes_get_a_response(content: bytes) -> None:
    holds(lambda: post(base64.b64encode(content).decode(), isBase64Encoded=True))


@fuzzing
@given(text=st.text(st.characters(), max_size=300), packed=st.booleans())
def test_any_text_gets_a_response_with_or_without_base64(text: str, *, packed: bool) -> None:
    holds(lambda: post(text, isBase64Encoded=packed))


@fuzzing
@given(spoilt_text())
def test_corrupted_text_gets_a_response(text: str) -> None:
    holds(lambda: post(text))


@fuzzing
@given(document=mutants(st.just({**BASKET, "total": TOTAL})), ascii_only=st.booleans())
def test_corrupted_document_gets_a_response(document: Any, *, ascii_only: bool) -> None:
    holds(lambda: post(json.dumps(document, ensure_ascii=ascii_only)))


@fuzzing
@given(
    st.sampled_from(ROUTES),
    st.text(max_size=60),
    st.dictionaries(HEADERS, st.text(max_size=60)),
    st.none() | st.text(max_size=200),
)
def test_any_path_headers_and_customer_get_a_response(
    route: str, order_id: str, headers: dict[str, str], customer: str | None
) -> None:
    event = a_request(
        route,
        f"/orders/{order_id}",
        customer=customer,
        headers=headers,
        body=GOOD,
        pathParameters={"id": order_id},
    )
    holds(lambda: ask(event))
