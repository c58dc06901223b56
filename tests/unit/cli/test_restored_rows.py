"""The rows that the facts of an order, and of a SKU, call for after a restore."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.restore.attempts import attempt_of
from cli.restore.stock_rows import StockAccount, corrected
from functions.contracts.inventory import InventoryReleased, InventoryReserved, StockAdded
from functions.contracts.orders import OrderCancelled
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.contracts.values import Line, Money, StockLine
from functions.shared.contracts.envelope import Cause, Event
from functions.shared.contracts.fact import Fact

ORDER = "5f4dcc3b-5aa7-5d61-9d83-27deb882cf99"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
CAUSE = Cause(id=ORDER, correlation_id=ORDER, traceparent=f"00-{'1' * 32}-{'2' * 16}-01")
PRICE = Money(amount=1300, currency="GBP")
RESERVED = InventoryReserved(
    order_id=ORDER, lines=(Line(sku="CUP", quantity=2),), total=PRICE, payment_method="pm_card_visa"
)
PAID = PaymentProcessed(order_id=ORDER, payment_id="ch_1", amount=PRICE)
FREE = PaymentProcessed(order_id=ORDER, payment_id="free", amount=Money(amount=0, currency="GBP"))
DECLINED = PaymentDeclined(order_id=ORDER, reason="card_declined")
REFUNDED = PaymentRefunded(order_id=ORDER, payment_id="ch_1", refund_id="re_1", amount=PRICE)
CANCELLED = OrderCancelled(order_id=ORDER, customer_id="ada", reason="customer_request")


def events(*facts: Fact) -> dict[str, Event[Any]]:
    """Return events of these facts, a minute apart."""
    return {
        type(fact).__name__: Event(
            id=f"{n:08}-0000-5000-8000-000000000000",
            subject=ORDER,
            time=NOW - timedelta(minutes=10 - n),
            cause=CAUSE,
            fact=fact,
            major=fact.version,
        )
        for n, fact in enumerate(facts)
    }


@pytest.mark.parametrize(
    ("facts", "status", "listed", "cancelled"),
    [
        ((RESERVED,), "started", True, False),
        ((RESERVED, PAID), "started", False, False),
        ((RESERVED, DECLINED), "declined", False, False),
        ((RESERVED, CANCELLED), "started", True, True),
        ((RESERVED, PAID, CANCELLED), "captured", True, True),
        ((RESERVED, FREE, CANCELLED), "started", False, False),
        ((RESERVED, PAID, CANCELLED, REFUNDED), "refunded", False, False),
        ((CANCELLED, DECLINED), "cancelled", False, False),
    ],
)
def test_lost_attempt_follows_from_the_facts(
    facts: tuple[Fact, ...], status: str, *, listed: bool, cancelled: bool
) -> None:
    row = attempt_of(events(*facts), None, now=NOW)
    assert row is not None
    found = row["status"]["S"], "open_in" in row, "cancelled_by" in row
    assert found == (status, listed, cancelled)
    assert attempt_of(events(*facts), row, now=NOW + timedelta(hours=1)) == row


def test_order_without_reservation_needs_no_attempt() -> None:
    assert attempt_of(events(CANCELLED), None, now=NOW) is None


def test_declined_attempt_is_retried_when_its_event_is_lost() -> None:
    row = attempt_of(events(RESERVED, DECLINED), None, now=NOW)
    again = attempt_of(events(RESERVED), row, now=NOW)
    assert again is not None
    assert again["status"] == {"S": "started"}
    assert "due_at" in again


def test_refunded_attempt_stays_when_its_payment_is_lost() -> None:
    row = attempt_of(events(RESERVED, PAID, CANCELLED, REFUNDED), None, now=NOW)
    assert row is not None
    assert attempt_of(events(RESERVED), row, now=NOW) == row
    assert attempt_of(events(RESERVED, CANCELLED), row, now=NOW) == row


def test_disputed_attempt_stays() -> None:
    row = {"order_id": {"S": ORDER}, "status": {"S": "disputed"}, "amount": {"N": "1300"}}
    assert attempt_of(events(RESERVED, PAID, CANCELLED), row, now=NOW) == row


def test_stock_is_the_sum_of_its_facts() -> None:
    account = StockAccount()
    added = StockAdded(replenishment_id="d1", lines=(StockLine(sku="CUP", quantity=9),))
    released = InventoryReleased(order_id=ORDER, lines=RESERVED.lines)
    for fact in (added, RESERVED, released, RESERVED, PAID):
        account.book(fact)
    assert (account.available, account.replenishments) == ({"CUP": 7}, {"CUP": 1})


@pytest.mark.parametrize(
    ("rows", "wanted", "changed"),
    [
        ({}, 5, {"CUP": 5}),
        ({"CUP": 5}, 5, {}),
        ({"CUP": 3, "CUP#1": 4}, 9, {"CUP": 5}),
        ({"CUP": 3, "CUP#1": 4}, 2, {"CUP": 2, "CUP#1": 0}),
        ({"CUP": 3, "CUP#1": 4}, 6, {"CUP#1": 3}),
    ],
)
def test_rows_of_a_sku_are_corrected(rows: dict[str, int], wanted: int, changed: dict[str, int]) -> None:
    assert corrected("CUP", rows, wanted) == changed
    assert sum({**rows, **changed}.values()) == wanted
