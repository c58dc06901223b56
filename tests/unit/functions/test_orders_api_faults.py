"""`POST /orders` when DynamoDB fails: a client that retries gets one order."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.shared.event_store.attributes import texts
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.retry import ATTEMPTS
from tests.unit.functions.account import ENVIRONMENT, everything, names_of_facts, order_statuses
from tests.unit.functions.aws_faults import (
    Crash,
    Dying,
    a_crash_publishes_no_metrics,
    dying_after,
    dying_before,
    failing,
    in_conflict,
    meanwhile,
    recorded_calls,
    responding,
)
from tests.unit.functions.output import Output
from tests.unit.functions.shop import look, place

pytestmark = pytest.mark.usefixtures("catalogue")

CATALOGUE = ENVIRONMENT["CATALOGUE_TABLE"]


def test_placing_takes_two_dynamodb_requests_and_reading_one() -> None:
    with recorded_calls(dynamodb()) as placing:
        order_id = place().json()["order_id"]
    with recorded_calls(dynamodb()) as looking:
        look(order_id)
    assert placing == ["BatchGetItem", "TransactWriteItems"]
    assert looking == ["BatchGetItem"]


@pytest.mark.parametrize("call", ["BatchGetItem", "TransactWriteItems"])
@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"]
)
def test_response_is_503_with_retry_when_table_is_throttled(call: str, code: str, output: Output) -> None:
    before = everything()
    with failing(dynamodb(), call, code):
        reply = place()
    assert (reply.status, reply.code) == (503, "unavailable")
    assert reply.headers["retry-after"] == "1"
    assert everything() == before
    assert output.metrics() == {"Unavailable": 1, "IntakeRejected": 1}
    first, _ = output.logs()
    assert (first["message"], first["error_class"]) == ("unavailable", code)
    assert "on a bad day" not in reply.body + output.everything()
    assert place().status == 202


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("call", ["BatchGetItem", "TransactWriteItems"])
@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"]
)
def test_error_is_raised_when_a_retry_cannot_help(call: str, code: str) -> None:
    before = everything()
    with failing(dynamodb(), call, code), pytest.raises(ClientError, match=code):
        place()
    assert everything() == before


def test_response_is_503_when_transaction_conflicts_outlast_attempts() -> None:
    with in_conflict(dynamodb(), times=ATTEMPTS):
        assert place().code == "unavailable"
        assert names_of_facts() == []
        assert place().status == 202


def test_response_is_503_when_catalogue_read_is_partial() -> None:
    left = {CATALOGUE: {"Keys": [texts(sku="CUP")]}}
    price: dict[str, Any] = {"sku": {"S": "TEAPOT"}, "unit_price": {"N": "2499"}, "currency": {"S": "GBP"}}
    response = {"Responses": {CATALOGUE: [price]}, "UnprocessedKeys": left}
    with responding(dynamodb(), "BatchGetItem", response):
        assert place().code == "unavailable"
    assert names_of_facts() == []
    assert place().status == 202


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("dying", [dying_before, dying_after])
@pytest.mark.parametrize("call", [0, 1], ids=["catalogue", "commit"])
def test_client_has_one_order_when_retrying_after_crash(call: int, dying: Dying) -> None:
    with pytest.raises(Crash), dying(dynamodb(), nth=call):
        place()
    reply = place()
    assert reply.status == 202
    committed = (call, dying) == (1, dying_after)
    assert reply.headers.get("idempotent-replayed") == ("true" if committed else None)
    assert names_of_facts() == ["OrderCreated"]
    assert list(order_statuses()) == [reply.json()["order_id"]]
    assert look(reply.json()["order_id"]).status == 200


def test_concurrent_requests_with_same_key_create_one_order() -> None:
    replies = []
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: replies.append(place())):
        replies.append(place())
    assert [reply.status for reply in replies] == [202, 202]
    assert replies[0].body == replies[1].body
    assert names_of_facts() == ["OrderCreated"]


def test_concurrent_different_orders_with_same_key_create_one() -> None:
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: place_accepted(email="other@example.com")):
        assert place().code == "idempotency_key_reused"
    assert names_of_facts() == ["OrderCreated"]


def place_accepted(**changes: Any) -> None:
    assert place(**changes).status == 202
