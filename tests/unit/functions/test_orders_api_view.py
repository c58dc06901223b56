"""`GET /orders/{id}`: the status and history of a customer's own order."""

from collections.abc import Sequence

import pytest

from functions.contracts.fraud import FraudSuspected
from functions.contracts.order_fact import OrderFact
from functions.shared.event_store.attributes import texts
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import ENVIRONMENT
from tests.unit.functions.aws_faults import failing, recorded_calls, responding
from tests.unit.functions.builders import (
    CAUSE,
    ORDER,
    a_payment_processed,
    a_shipment_scheduled,
    an_inventory_reserved,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
)
from tests.unit.functions.output import Output
from tests.unit.functions.shop import look, place

pytestmark = pytest.mark.usefixtures("catalogue")

CREATED, CONFIRMED, CANCELLED = an_order_created(), an_order_confirmed(), an_order_cancelled()
SHIPPED = a_shipment_scheduled()


def record(*facts: OrderFact) -> None:
    for fact in facts:
        event_log().append(fact, cause=CAUSE)


def test_client_reads_its_own_write() -> None:
    reply = look(place().json()["order_id"])
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    seen = reply.json()
    assert seen.pop("order_id") == place().json()["order_id"]
    assert [step.keys() for step in seen["history"]] == [{"type", "time"}]
    assert [step["type"] for step in seen.pop("history")] == ["OrderCreated"]
    assert seen == {
        "status": "created",
        "lines": [
            {"sku": "TEAPOT", "quantity": 1, "unit_price": 2499},
            {"sku": "CUP", "quantity": 4, "unit_price": 650},
        ],
        "total": {"amount": 5099, "currency": "GBP"},
    }


def test_history_omits_fraud_suspicion() -> None:
    suspicion = FraudSuspected(order_id=ORDER, customer_id="ada", reasons=("pace",))
    record(CREATED, suspicion)
    assert [step["type"] for step in look(ORDER).json()["history"]] == ["OrderCreated"]


@pytest.mark.parametrize(
    ("history", "status"),
    [
        ([CREATED], "created"),
        ([CREATED, an_inventory_reserved(), a_payment_processed()], "created"),
        ([CREATED, CONFIRMED], "confirmed"),
        ([CREATED, CONFIRMED, SHIPPED], "shipped"),
        ([CREATED, CANCELLED], "cancelled"),
        ([CREATED, a_payment_processed(), CANCELLED], "cancelled"),
        # Facts come from several services, so their times may be out of order.
        ([SHIPPED, CREATED], "shipped"),
    ],
)
def test_status_is_the_latest_one_reached(history: Sequence[OrderFact], status: str) -> None:
    record(*history)
    seen = look(ORDER).json()
    assert seen["status"] == status
    assert [step["type"] for step in seen["history"]] == [type(fact).__name__ for fact in history]


def test_cancelled_order_has_cancellation_reason() -> None:
    record(CREATED, an_order_cancelled(reason="out_of_stock"))
    assert look(ORDER).json()["cancellation_reason"] == "out_of_stock"


def test_shipped_order_has_tracking_number() -> None:
    record(CREATED, CONFIRMED, SHIPPED)
    assert look(ORDER).json()["tracking_number"] == "OB12345678"


def test_confirmed_order_has_neither_reason_nor_tracking_number() -> None:
    record(CREATED, CONFIRMED)
    assert not {"cancellation_reason", "tracking_number"} & look(ORDER).json().keys()


def test_view_omits_email_address() -> None:
    record(CREATED)
    assert "ada@" not in look(ORDER).body


def test_response_is_404_when_order_belongs_to_another_customer() -> None:
    absent = look(ORDER, customer="grace")
    record(CREATED)
    foreign = look(ORDER, customer="grace")
    assert (foreign.status, foreign.code) == (404, "order_not_found")
    assert foreign == absent
    assert look(ORDER, customer="ada").status == 200


def test_response_is_404_when_creation_is_not_recorded_yet() -> None:
    record(CANCELLED)
    assert look(ORDER).code == "order_not_found"


@pytest.mark.parametrize(
    "order_id",
    [
        "",
        "1",
        "..",
        "../admin",
        "%00",
        "\x00",
        "\ud800",
        ORDER.upper(),
        f"{ORDER}\n",
        f" {ORDER}",
        ORDER.replace("-", ""),
        f"orders#{ORDER}",
        "x" * 10_000,
        "<script>",
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_response_is_404_without_read_when_id_is_invalid(order_id: str, output: Output) -> None:
    record(CREATED)
    with recorded_calls(dynamodb()) as calls:
        reply = look(order_id)
    assert (reply.status, reply.code) == (404, "order_not_found")
    # DynamoDB rejects some of these as keys and has no item for any of them.
    assert calls == []
    assert output.metrics() == {"Refused": 1, "IntakeRejected": 1}


def test_problem_instance_is_an_escaped_uri() -> None:
    assert look("<b> é\ud800").json()["instance"] == "/orders/%3Cb%3E%20%C3%A9%3F"
    assert look("%00").json()["instance"] == "/orders/%00"


@pytest.mark.parametrize("customer", [None, ""])
def test_response_is_401_when_token_has_no_subject(customer: str | None) -> None:
    record(CREATED)
    assert look(ORDER, customer=customer).status == 401


def test_response_is_503_when_table_is_throttled() -> None:
    with failing(dynamodb(), "BatchGetItem", "ThrottlingException"):
        reply = look(ORDER)
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")


def test_response_is_503_when_history_read_is_partial() -> None:
    record(CREATED)
    table = ENVIRONMENT["EVENT_LOG_TABLE"]
    left = {table: {"Keys": [texts(pk=f"orders#{ORDER}", sk="cancellation")]}}
    with responding(dynamodb(), "BatchGetItem", {"Responses": {table: []}, "UnprocessedKeys": left}):
        assert look(ORDER).code == "unavailable"
