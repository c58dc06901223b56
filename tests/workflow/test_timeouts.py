"""The deadline of orders: an order still open after 15 minutes is cancelled and compensated."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from pocketcloud import AwsCall, Kind
from tests.workflow.call_faults import CrashAfter, Proceed, appended_events, call_fault
from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry

DEADLINE = timedelta(minutes=15)
FULL = {"TEAPOT": 5, "CUP": 20}


@contextmanager
def outage(shop: Shop, *services: str) -> Iterator[None]:
    """Let the services' queues reject messages for a while; EventBridge and SNS retry them."""
    queues = {f"queue/{PREFIX}-{service}" for service in services}
    shop.cloud.outages.update(queues)
    try:
        yield
    finally:
        shop.cloud.outages.difference_update(queues)


def reason_of(shop: Shop, order_id: str) -> str | None:
    view = shop.cloud.http("GET", f"/orders/{order_id}", customer="ada").json()
    reason: str | None = view.get("cancellation_reason")
    return reason


def deadline_runs(shop: Shop) -> int:
    rule = f"rule/{PREFIX}-orders-deadlines"
    return len([hop for hop in shop.cloud.journal.hops if hop.source == rule and hop.kind is Kind.INVOKED])


@pytest.mark.parametrize(
    ("missing", "refunds"), [("inventory", 0), ("payments", 0), ("orders", 1), ("shipping", 1)]
)
def test_stuck_order_is_cancelled_and_compensated_at_its_deadline(
    shop: Shop, missing: str, refunds: int
) -> None:
    with outage(shop, missing):
        order_id = shop.place(an_order())
        shop.cloud.advance(minutes=15)
        assert "OrderCancelled" not in shop.facts(order_id)
        shop.cloud.advance(minutes=1, seconds=5)
        assert "OrderCancelled" in shop.facts(order_id)
    shop.cloud.settle()
    assert "ShipmentScheduled" not in shop.facts(order_id)
    assert shop.facts(order_id).count("PaymentRefunded") == refunds
    assert reason_of(shop, order_id) == "timed_out"
    assert shop.available() == FULL
    assert f"Your order {order_id} is cancelled" in shop.email_subjects()
    assert violations(shop) == []


def test_partner_order_has_the_same_deadline(shop: Shop) -> None:
    with outage(shop, "payments"):
        shop.cloud.put_events([checkout_entry(a_checkout())])
        shop.cloud.advance(minutes=17)
    shop.cloud.settle()
    (row,) = shop.orders()
    assert row["status"] == "cancelled"
    assert violations(shop) == []


def test_completed_order_is_left_alone(shop: Shop) -> None:
    shipped = shop.place(an_order(), key="k1")
    declined = shop.place(an_order(payment_method="pm_card_chargeDeclined"), key="k2")
    shop.cloud.settle()
    before = shop.facts(shipped), shop.facts(declined)
    assert sorted(shop.waiting()) == sorted([shipped, declined])
    shop.cloud.advance(hours=1)
    assert (shop.facts(shipped), shop.facts(declined)) == before
    assert shop.waiting() == []
    assert violations(shop) == []


def test_schedule_queries_only_due_orders_once_a_minute(shop: Shop) -> None:
    for number in range(5):
        shop.place(an_order(lines=[{"sku": "CUP", "quantity": 1}]), key=f"k{number}")
    shop.cloud.settle()
    shop.cloud.calls.clear()
    before = deadline_runs(shop)
    shop.cloud.advance(minutes=30)
    assert deadline_runs(shop) - before == 30
    # Four shards of waiting orders, and four of open payments; the orders' ends are looked up once.
    once = {"dynamodb.BatchGetItem": 1, "dynamodb.BatchWriteItem": 1}
    assert dict(shop.cloud.calls.counts) == {"dynamodb.Query": 240, **once}


def test_open_deadline_keeps_nothing_in_flight(shop: Shop) -> None:
    began = shop.cloud.clock.now()
    shop.place(an_order())
    shop.cloud.settle()
    assert shop.cloud.clock.now() - began < timedelta(minutes=1)


def test_shipped_order_is_unchanged_when_consumers_are_down(shop: Shop) -> None:
    order_id = shop.place(an_order())
    while "ShipmentScheduled" not in shop.facts(order_id):
        shop.cloud.advance(milliseconds=20)
    with outage(shop, "orders"):
        shop.cloud.advance(minutes=17)
        assert shop.waiting() == []
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []


def test_shipment_wins_when_scheduled_before_timeout_commits(shop: Shop) -> None:
    raced: list[str] = []

    def ship_first(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if (
            call.function == f"{PREFIX}-orders-deadlines"
            and appended_events(call)
            and "TransactItems" in call.parameters
        ):
            raced.append(call.operation)
            shop.cloud.outages.clear()
            while "ShipmentScheduled" not in shop.facts(order_id):
                shop.cloud.advance(milliseconds=500)
        return proceed()

    with outage(shop, "shipping"), call_fault(shop.cloud, ship_first):
        order_id = shop.place(an_order())
        shop.cloud.advance(minutes=18)
    shop.cloud.settle()
    assert len(raced) == 1
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []


def test_order_is_compensated_once_when_any_call_crashes(shop: Shop) -> None:
    def time_out_with_crash(nth: int) -> tuple[CrashAfter, str]:
        shop.cloud.reset()
        shop.open()
        crash = CrashAfter(nth)
        with outage(shop, "shipping"):
            order_id = shop.place(an_order())
            shop.cloud.advance(minutes=14, seconds=30)
            with call_fault(shop.cloud, crash):
                shop.cloud.advance(minutes=4)
        with call_fault(shop.cloud, crash):
            shop.cloud.settle()
        return crash, order_id

    made = time_out_with_crash(0)[0].made
    assert "orders-deadlines dynamodb.TransactWriteItems" in made
    failures = {}
    for nth in range(1, len(made) + 1, 3):  # `tests/simulation` tries all
        crash, order_id = time_out_with_crash(nth)
        found = violations(shop)
        if shop.charges() != {f"charge {order_id}": 1, f"refund {order_id}": 1}:
            found.append(f"the gateway has {shop.charges()}")
        if found:
            failures[f"{nth}: {crash.where}"] = found
    assert failures == {}
