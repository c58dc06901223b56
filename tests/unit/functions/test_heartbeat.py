"""The heartbeat's orders: when they are due, who places them, and where they do not count."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.analytics.figures import figures_of
from functions.contracts import heartbeat
from functions.contracts.payments import PaymentDeclined, PaymentProcessed
from functions.contracts.storefront import CheckoutCompleted
from functions.contracts.values import Money, PricedLine
from functions.contracts.warehouse import StockReplenished
from functions.heartbeat import schedule
from functions.heartbeat.entry import entry_of
from functions.payments.domain import is_charge
from functions.shared.contracts.codec import Rejected, read
from functions.shared.contracts.party import customer_of
from functions.shared.runtime.subject import customer_named
from tests.unit.functions.builders import (
    a_payment_declined,
    a_payment_processed,
    a_shipment_scheduled,
    an_event,
    an_order_cancelled,
)

NOW = datetime(2026, 11, 28, 7, 30, 12, tzinfo=UTC)
PARTY = "123456789012:heartbeat"
SYNTHETIC = f"{PARTY}:schedule"
ORDER = heartbeat.order_of("123456789012", schedule.CUSTOMER, heartbeat.key_of(NOW))
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("minute", "expected"),
    [(30, CheckoutCompleted), (31, None), (33, None), (34, StockReplenished), (35, CheckoutCompleted)],
)
def test_order_is_due_after_its_unit_of_stock(minute: int, expected: type | None) -> None:
    sending = schedule.due(NOW.replace(minute=minute), 5)
    assert (sending and type(sending.fact)) is expected
    if sending:
        assert sending.key == f"20261128T07{30 if minute == 30 else 35}Z"


def test_starts_are_those_of_the_last_hour() -> None:
    found = schedule.starts(NOW + 2 * MINUTE, 5)
    assert found == [NOW - index * 5 * MINUTE for index in range(12)]


def test_pulse_measures_each_shipment_once() -> None:
    shipped = {NOW - 10 * MINUTE: NOW - 9 * MINUTE, NOW - 5 * MINUTE: NOW - timedelta(seconds=20)}
    found = schedule.pulse(shipped, NOW)
    assert found.age == 5 * MINUTE
    assert found.durations == (timedelta(minutes=4, seconds=40),)
    later = schedule.pulse(shipped, NOW + MINUTE)
    assert (later.age, later.durations) == (6 * MINUTE, ())


def test_pulse_is_an_hour_old_without_a_shipment() -> None:
    assert schedule.pulse({}, NOW).age == timedelta(hours=1)


def test_entry_is_read_as_the_same_event_when_repeated() -> None:
    fact = schedule.checkout(schedule.CUSTOMER, heartbeat.key_of(NOW))
    entries = [entry_of(fact, bus="ingress", order_id=ORDER, time=NOW) for _ in range(2)]
    first, second = (read(entry["Detail"]) for entry in entries)
    assert first == second
    assert (first.fact, entries[0]["Source"]) == (fact, "heartbeat")


@pytest.mark.parametrize(
    ("customer_id", "expected"),
    [
        (SYNTHETIC, True),
        (customer_named(SYNTHETIC), False),  # a token's subject
        (customer_of("", SYNTHETIC), False),  # our own storefront's customer
        (customer_of("999999999999:storefront", SYNTHETIC), False),
        (customer_of("999999999999:storefront", "heartbeat:schedule"), False),
        ("heartbeat:schedule", False),
        ("ada", False),
    ],
)
def test_nobody_else_is_the_heartbeats_customer(customer_id: str, expected: bool) -> None:
    assert heartbeat.is_synthetic(customer_id) is expected


@pytest.mark.parametrize(
    ("sku", "price", "party", "is_allowed"),
    [
        ("HEARTBEAT", 0, PARTY, True),
        ("HEARTBEAT", 1, PARTY, False),
        ("TEAPOT", 0, PARTY, False),
        ("HEARTBEAT", 0, "", False),
        ("HEARTBEAT", 0, "999999999999:storefront", False),
        ("TEAPOT", 2499, "", True),
    ],
)
def test_only_the_heartbeat_orders_its_sku(sku: str, price: int, party: str, is_allowed: bool) -> None:
    lines = [PricedLine(sku=sku, quantity=1, unit_price=price)]
    if is_allowed:
        heartbeat.check_lines(lines, party)
        return
    with pytest.raises(Rejected) as rejected:
        heartbeat.check_lines(lines, party)
    assert rejected.value.code == "sku_reserved"


@pytest.mark.parametrize(
    "fact",
    [
        a_shipment_scheduled(carrier=heartbeat.NO_CARRIER),
        an_order_cancelled(customer_id=SYNTHETIC),
    ],
)
def test_analytics_counts_a_synthetic_order_as_events_only(fact: Any) -> None:
    assert figures_of(an_event(fact), NOW) == {f"event.{type(fact).__name__}": 1}


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (a_payment_processed(amount=Money(amount=0, currency="USD")), False),
        (a_payment_processed(), True),
        (a_payment_declined(reason="order_cancelled"), False),
        (a_payment_declined(reason="card_declined"), True),
    ],
)
def test_free_order_is_no_charge(outcome: PaymentProcessed | PaymentDeclined, expected: bool) -> None:
    assert is_charge(outcome) is expected
