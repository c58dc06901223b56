"""Payments takes the money for an order once, and gives it back where it must."""

import itertools

import msgspec
import pytest

from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.contracts.values import Money
from functions.payments.handler import handle
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import facts, names_of_facts, rows
from tests.unit.functions.aws_faults import recorded_calls
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    OTHER_ORDER,
    TOTAL,
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    an_event,
    an_inventory_reserved,
    an_order_cancelled,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

RESERVED = a_delivery(an_inventory_reserved())
CANCELLED = a_delivery(an_order_cancelled())
DECLINED = a_delivery(an_inventory_reserved(payment_method="pm_card_chargeDeclined"))
DECLINING = "pm_card_chargeDeclined"
FREE = a_delivery(an_inventory_reserved(total=Money(amount=0, currency="GBP")))


def deliver(*bodies: str) -> BatchResponse:
    return handle(a_batch(*bodies), Context())


def money_moved() -> list[str]:
    """Return the requests of the gateway's charges and refunds, sorted."""
    return sorted(
        row["request"]
        for row in rows("GATEWAY_TABLE")
        if msgspec.json.decode(row["outcome"]).get("captured", True)
    )


def attempts() -> dict[str, str]:
    return {row["order_id"]: row["status"] for row in rows("ATTEMPTS_TABLE")}


def test_reserved_order_is_charged() -> None:
    assert deliver(RESERVED) == NO_FAILURES
    (paid,) = facts()
    assert isinstance(paid, PaymentProcessed)
    assert (paid.order_id, paid.amount) == (ORDER, TOTAL)
    assert paid.payment_id.startswith("ch_sim_")
    assert money_moved() == ["charge 5099 GBP pm_card_visa"]
    assert attempts() == {ORDER: "started"}, "the event alone says that it is captured"


def test_each_order_is_charged_separately() -> None:
    other = an_inventory_reserved(order_id=OTHER_ORDER, total=Money(amount=1, currency="EUR"))
    assert deliver(RESERVED, a_delivery(other)) == NO_FAILURES
    assert money_moved() == ["charge 1 EUR pm_card_visa", "charge 5099 GBP pm_card_visa"]
    assert attempts() == {ORDER: "started", OTHER_ORDER: "started"}


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("pm_card_chargeDeclined", "card_declined"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedLostCard", "lost_card"),
        ("pm_card_chargeDeclinedInsufficientFundsOnTheCardOfTheCustomer", "card_declined"),
    ],
)
def test_decline_has_the_reason_of_the_gateway(method: str, reason: str) -> None:
    assert deliver(a_delivery(an_inventory_reserved(payment_method=method))) == NO_FAILURES
    assert facts() == [PaymentDeclined(order_id=ORDER, reason=reason)]
    assert money_moved() == []
    assert attempts() == {ORDER: "declined"}


def test_free_order_is_paid_without_a_gateway_call() -> None:
    assert deliver(FREE) == NO_FAILURES
    assert facts() == [
        PaymentProcessed(order_id=ORDER, payment_id="free", amount=Money(amount=0, currency="GBP"))
    ]
    assert rows("GATEWAY_TABLE") == []


@pytest.mark.parametrize("body", [RESERVED, DECLINED, FREE], ids=["paid", "declined", "free"])
def test_repeated_reservation_changes_nothing(body: str, output: Output) -> None:
    deliver(body)
    decided, moved = facts(), money_moved()
    assert deliver(body, body) == NO_FAILURES
    assert (facts(), money_moved()) == (decided, moved)
    assert output.metrics() == {"Handled": 1, "Duplicate": 2}


def test_paid_order_costs_three_requests_and_no_index_entry() -> None:
    with recorded_calls(dynamodb()) as calls:
        deliver(RESERVED)
    assert len(calls) == 3
    assert calls[:2] == ["PutItem", "PutItem"], "the attempt and the gateway's own"
    (row,) = rows("ATTEMPTS_TABLE")
    assert not {"open_in", "due_at"} & row.keys()


def test_repeated_reservation_asks_no_gateway() -> None:
    deliver(RESERVED)
    before = rows("ATTEMPTS_TABLE")
    with recorded_calls(dynamodb()) as calls:
        deliver(RESERVED)
    assert calls == ["PutItem", "GetItem"], "the attempt that is there, and the event"
    assert rows("ATTEMPTS_TABLE") == before


def test_cancelled_order_is_refunded_in_full_when_paid() -> None:
    assert deliver(RESERVED, CANCELLED) == NO_FAILURES
    paid, refunded = facts()
    assert isinstance(paid, PaymentProcessed)
    assert isinstance(refunded, PaymentRefunded)
    assert refunded.payment_id == paid.payment_id
    assert refunded.amount == TOTAL
    assert refunded.refund_id.startswith("re_sim_")
    assert money_moved() == ["charge 5099 GBP pm_card_visa", f"refund {paid.payment_id} 5099 GBP"]


def test_cancelled_order_is_not_refunded_when_declined() -> None:
    assert deliver(DECLINED, CANCELLED) == NO_FAILURES
    assert names_of_facts() == ["PaymentDeclined"]
    assert money_moved() == []


def test_cancelled_order_is_not_refunded_when_free() -> None:
    assert deliver(FREE, CANCELLED) == NO_FAILURES
    assert names_of_facts() == ["PaymentProcessed"]
    assert rows("GATEWAY_TABLE") == []


@pytest.mark.parametrize("body", [RESERVED, DECLINED, FREE], ids=["paid", "declined", "free"])
def test_order_is_not_charged_when_cancelled_before_reservation(body: str) -> None:
    assert deliver(CANCELLED, body, CANCELLED, body) == NO_FAILURES
    assert facts() == [PaymentDeclined(order_id=ORDER, reason="order_cancelled")]
    assert rows("GATEWAY_TABLE") == []
    assert attempts() == {ORDER: "cancelled"}


@pytest.mark.parametrize(
    "arrivals", sorted(set(itertools.permutations((RESERVED, RESERVED, CANCELLED, CANCELLED)))), ids=str
)
def test_cancelled_order_costs_nothing_in_any_message_order(arrivals: tuple[str, ...]) -> None:
    for body in arrivals:
        assert deliver(body) == NO_FAILURES
    charges = [request for request in money_moved() if request.startswith("charge")]
    assert len(charges) == len(money_moved()) - len(charges) <= 1


def test_fact_names_its_causing_event() -> None:
    deliver(RESERVED)
    (row,) = rows("EVENT_LOG_TABLE")
    document = msgspec.json.decode(row["event"])
    assert document["causationid"] == an_event(an_inventory_reserved()).id
    assert document["source"] == "payments"


def test_attempt_is_open_until_its_outcome() -> None:
    deliver(RESERVED, a_delivery(an_inventory_reserved(order_id=OTHER_ORDER, payment_method=DECLINING)))
    for row in rows("ATTEMPTS_TABLE"):
        assert "open_in" not in row
        assert "due_at" not in row
        assert row["tries"] == "1"
        assert row["first_at"] == row["last_at"]
