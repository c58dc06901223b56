"""Fraud checks: a suspicious order is cancelled, unless it is shipped first."""

import json
from datetime import timedelta
from typing import Any

from functions.fraud.rules import RULES
from pocketcloud import AwsCall
from tests.workflow.call_faults import CrashAfter, Proceed, call_fault, published_twice
from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import ADDRESS, PREFIX, Shop, an_order

RISKY = an_order(ship_to={**ADDRESS, "country": min(RULES.risky_countries)})


def suspicions(shop: Shop) -> dict[str, list[str]]:
    """Return the reasons of each suspicion, by order."""
    events = [json.loads(row["event"]) for row in shop.rows("event-log") if row["pk"].startswith("fraud#")]
    return {event["subject"]: event["data"]["reasons"] for event in events}


def counted_orders(shop: Shop) -> list[str]:
    return [order_id for row in shop.rows("customers") for order_id in row["orders"]]


def too_late_count(shop: Shop) -> int:
    """Return the total of `FraudSuspectedTooLate`; logs survive a reset."""
    lines = shop.cloud.logs(f"{PREFIX}-orders")
    return sum("FraudSuspectedTooLate" in json.loads(line) for line in lines if line.startswith("{"))


def violations_of(shop: Shop, order_id: str, *, count_before: int = 0) -> list[str]:
    """Return the violations for a suspicious order, which must be cancelled or counted as too late."""
    found = violations(shop)
    (row,) = shop.orders()
    reasons = [
        json.loads(event["event"])["data"]["reason"]
        for event in shop.rows("event-log")
        if '"OrderCancelled"' in event["event"] and event["pk"].endswith(order_id)
    ]
    if reasons != (["fraud_suspected"] if row["status"] == "cancelled" else []):
        found.append(f"{row['status']} for {reasons}")
    if counted_orders(shop) != [order_id] or suspicions(shop) != {order_id: ["risky_country"]}:
        found.append(f"counted {counted_orders(shop)} times, suspected as {suspicions(shop)}")
    if row["status"] == "shipped" and too_late_count(shop) == count_before:
        found.append("shipped, and not counted as too late")
    return found


def is_cancelled(shop: Shop, order_id: str) -> bool:
    assert violations_of(shop, order_id) == []
    return [row["status"] for row in shop.orders()] == ["cancelled"]


class SlowFraud:
    """Delay fraud until all others are done: its calls time out."""

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-fraud":
            raise TimeoutError
        return proceed()


def test_ordinary_order_is_cleared_and_shipped(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert counted_orders(shop) == [order_id]
    assert suspicions(shop) == {}
    assert violations(shop) == []


def test_suspicious_order_is_cancelled_and_compensated(shop: Shop) -> None:
    order_id = shop.place(RISKY)
    shop.cloud.settle()
    assert is_cancelled(shop, order_id)
    assert shop.email_subjects() == [f"We have your order {order_id}"]


def test_only_the_order_above_the_limit_is_cancelled(shop: Shop) -> None:
    most = RULES.orders_in_an_hour
    one_cup = an_order(lines=[{"sku": "CUP", "quantity": 1}])
    shop.open({"CUP": most + 1})
    for number in range(most + 1):
        if number == most // 2:
            shop.cloud.advance(minutes=1)  # the API accepts fewer in one minute
        shop.place(one_cup, key=f"k{number}")
    shop.cloud.settle()
    assert list(suspicions(shop).values()) == [["too_many_orders"]]
    assert sorted(row["status"] for row in shop.orders()) == ["cancelled", *["shipped"] * most]
    assert len(counted_orders(shop)) == most
    assert violations(shop, stock={"TEAPOT": 5, "CUP": most + 1}) == []


def test_order_is_assessed_once_when_events_arrive_twice(shop: Shop) -> None:
    with call_fault(shop.cloud, published_twice):
        order_id = shop.place(RISKY)
        shop.cloud.settle()
    assert is_cancelled(shop, order_id)


def test_suspicion_is_only_counted_when_order_is_shipped(shop: Shop) -> None:
    shop.cloud.retry_after = timedelta(hours=1)
    count_before = too_late_count(shop)
    with call_fault(shop.cloud, SlowFraud()):
        order_id = shop.place(RISKY)
        shop.cloud.advance(minutes=30)
    assert shop.facts(order_id) == SHIPPED
    shop.cloud.settle()
    assert shop.facts(order_id) == [*SHIPPED, "FraudSuspected"]
    (row,) = shop.orders()
    assert row["status"] == "shipped"
    assert counted_orders(shop) == [order_id]
    assert too_late_count(shop) == count_before + 1
    assert violations(shop) == []


def test_suspicious_order_is_consistent_when_any_call_crashes(shop: Shop) -> None:
    """Redeliver interrupted work last, for every third call; `tests/simulation` does so promptly for all."""
    with call_fault(shop.cloud, counting := CrashAfter(0)):
        shop.place(RISKY)
        shop.cloud.settle()
    failures = {}
    for nth in range(1, len(counting.made) + 1, 3):
        shop.cloud.reset()
        shop.open()
        count_before = too_late_count(shop)
        with call_fault(shop.cloud, crash := CrashAfter(nth)):
            reply = shop.post(RISKY)
            order_id = str(reply.json()["order_id"]) if reply.status == 202 else shop.place(RISKY)
            shop.cloud.settle()
        shop.cloud.advance(minutes=8)  # reconciliation settles an interrupted charge
        if found := violations_of(shop, order_id, count_before=count_before):
            failures[f"{nth}: {crash.where}"] = found
    assert failures == {}


def test_judgement_is_unchanged_when_order_is_republished_later(shop: Shop) -> None:
    published: list[dict[str, Any]] = []

    def collect(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            published.extend(
                entry for entry in call.parameters["Entries"] if entry["DetailType"] == "OrderCreated"
            )
        return proceed()

    with call_fault(shop.cloud, collect):
        shop.place(RISKY, key="k1")
        shop.place(an_order(), key="k2")
        shop.cloud.settle()
    assert len(published) == 2
    before = (shop.rows("customers"), shop.rows("event-log"))
    shop.cloud.advance(hours=2)  # the orders of another hour are counted by then
    shop.cloud.put_events(published)
    shop.cloud.settle()
    assert (shop.rows("customers"), shop.rows("event-log")) == before
    assert violations(shop) == []
