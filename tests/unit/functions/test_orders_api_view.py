"""A customer sees their own order as its facts tell it, and nobody else's."""

from collections.abc import Sequence

import pytest

from functions.contracts.fraud import FraudSuspected
from functions.contracts.order_fact import OrderFact
from functions.shared.event_store.attributes import texts
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import ENVIRONMENT
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
from tests.unit.functions.trouble import answering, failing, listening

pytestmark = pytest.mark.usefixtures("catalogue")

CREATED, CONFIRMED, CANCELLED = an_order_created(), an_order_confirmed(), an_order_cancelled()
SHIPPED = a_shipment_scheduled()


def given(*facts: OrderFact) -> None:
    for fact in facts:
        event_log().append(fact, cause=CAUSE)


def test_a_client_reads_what_it_has_just_written() -> None:
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


def test_a_customer_is_not_told_of_a_suspicion() -> None:
    suspicion = FraudSuspected(order_id=ORDER, customer_id="ada", reasons=("pace",))
    given(CREATED, suspicion)
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
        # Its parts come from several services, each when it does.
        ([SHIPPED, CREATED], "shipped"),
    ],
)
def test_the_status_is_the_furthest_that_the_order_has_come(
    history: Sequence[OrderFact], status: str
) -> None:
    given(*history)
    seen = look(ORDER).json()
    assert seen["status"] == status
    assert [step["type"] for step in seen["history"]] == [type(fact).__name__ for fact in history]


def test_a_cancelled_order_says_why() -> None:
    given(CREATED, an_order_cancelled(reason="out_of_stock"))
    assert look(ORDER).json()["cancellation_reason"] == "out_of_stock"


def test_a_shipped_order_can_be_followed() -> None:
    given(CREATED, CONFIRMED, SHIPPED)
    assert look(ORDER).json()["tracking_number"] == "OB12345678"


def test_neither_is_said_of_an_order_that_is_on_its_way() -> None:
    given(CREATED, CONFIRMED)
    assert not {"cancellation_reason", "tracking_number"} & look(ORDER).json().keys()


def test_where_letters_go_is_not_shown() -> None:
    given(CREATED)
    assert "ada@" not in look(ORDER).body


def test_another_customer_s_order_is_answered_as_one_that_is_not_there() -> None:
    absent = look(ORDER, customer="grace")
    given(CREATED)
    foreign = look(ORDER, customer="grace")
    assert (foreign.status, foreign.code) == (404, "order_not_found")
    assert foreign == absent
    assert look(ORDER, customer="ada").status == 200


def test_an_order_that_was_cancelled_before_it_was_created_is_not_there_yet() -> None:
    given(CANCELLED)
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
def test_an_id_that_is_none_is_an_order_that_is_not_there(order_id: str, output: Output) -> None:
    given(CREATED)
    with listening(dynamodb()) as calls:
        reply = look(order_id)
    assert (reply.status, reply.code) == (404, "order_not_found")
    # DynamoDB would refuse some of these as keys, and answer for none of them.
    assert calls == []
    assert output.metrics() == {"Refused": 1, "IntakeRejected": 1}


def test_a_path_comes_back_in_a_problem_as_nothing_but_a_uri() -> None:
    assert look("<b> é\ud800").json()["instance"] == "/orders/%3Cb%3E%20%C3%A9%3F"
    assert look("%00").json()["instance"] == "/orders/%00"


@pytest.mark.parametrize("customer", [None, ""])
def test_nobody_is_shown_anything(customer: str | None) -> None:
    given(CREATED)
    assert look(ORDER, customer=customer).status == 401


def test_a_busy_table_is_a_503() -> None:
    with failing(dynamodb(), "BatchGetItem", "ThrottlingException"):
        reply = look(ORDER)
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")


def test_a_part_of_the_history_is_not_shown_as_the_whole() -> None:
    given(CREATED)
    table = ENVIRONMENT["EVENT_LOG_TABLE"]
    left = {table: {"Keys": [texts(pk=f"orders#{ORDER}", sk="cancellation")]}}
    with answering(dynamodb(), "BatchGetItem", {"Responses": {table: []}, "UnprocessedKeys": left}):
        assert look(ORDER).code == "unavailable"
