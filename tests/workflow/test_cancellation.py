"""Cancellation by the customer: at any time, in a race with any decision, and after a crash."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from pocketcloud import AwsCall, Reply
from tests.workflow.call_faults import CrashAfter, Proceed, appended_events, call_fault, published_twice
from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import PREFIX, Shop, an_order

FULL = {"TEAPOT": 5, "CUP": 20}
CANCELLED = {
    "OrderCreated",
    "InventoryReserved",
    "PaymentProcessed",
    "OrderConfirmed",
    "OrderCancelled",
    "PaymentRefunded",
    "InventoryReleased",
}
LATE_RETRY = timedelta(hours=1)


def cancel(shop: Shop, order_id: str, *, customer: str = "ada") -> Reply:
    return shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer=customer)


@dataclass
class Once:
    """Acts once, before or after the first call that records a fact of this type."""

    fact: str
    act: Callable[[], object]
    after: bool = False
    done: list[object] = field(default_factory=list)

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if self.done or not records(call, self.fact):
            return proceed()
        self.done.append(None)
        response = proceed() if self.after else None
        self.done[0] = self.act()
        return response or proceed()


def records(call: AwsCall, fact: str) -> bool:
    return any(event["type"] == fact for event in appended_events(call))


def without_shipping(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """Let every database call of shipping fail."""
    if call.function == f"{PREFIX}-shipping":
        raise ConnectionError("the database of shipping is down")
    return proceed()


def confirmed(shop: Shop) -> str:
    """Place an order and wait until it is confirmed, before it is shipped."""
    order_id = shop.place(an_order())
    for _ in range(100):
        if "OrderConfirmed" in shop.facts(order_id):
            return order_id
        shop.cloud.advance(milliseconds=100)
    raise AssertionError(shop.facts(order_id))


def test_order_is_never_paid_when_cancelled_at_once(shop: Shop) -> None:
    order_id = shop.place(an_order())
    reply = cancel(shop, order_id)
    assert (reply.status, reply.json()["status"]) == (200, "cancelled")
    shop.cloud.settle()
    assert shop.rows("gateway") == []
    assert shop.available() == FULL
    assert shop.email_subjects()[-1] == f"Your order {order_id} is cancelled"
    assert violations(shop) == []


def test_order_is_refunded_and_released_when_cancelled_after_capture(shop: Shop) -> None:
    order_id = confirmed(shop)
    assert cancel(shop, order_id).status == 200
    shop.cloud.settle()
    assert set(shop.facts(order_id)) == CANCELLED
    assert shop.charges() == {f"charge {order_id}": 1, f"refund {order_id}": 1}
    assert shop.available() == FULL
    assert set(shop.email_subjects()) == {
        f"We have your order {order_id}",
        f"Your order {order_id} is confirmed",
        f"Your order {order_id} is cancelled",
        f"Your payment for order {order_id} is refunded",
    }
    view = shop.cloud.http("GET", f"/orders/{order_id}", customer="ada").json()
    assert (view["status"], view["cancellation_reason"]) == ("cancelled", "customer_request")
    assert violations(shop) == []


def test_cancellation_is_rejected_when_order_is_shipped(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    reply = cancel(shop, order_id)
    assert (reply.status, reply.json()["code"]) == (409, "already_shipped")
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []


def test_cancellation_is_rejected_when_shipment_event_is_late(shop: Shop) -> None:
    order_id = shop.place(an_order())
    while "ShipmentScheduled" not in shop.facts(order_id):
        shop.cloud.advance(milliseconds=20)
    assert cancel(shop, order_id).status == 409
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []


def test_repeated_cancellation_gets_same_response(shop: Shop) -> None:
    order_id = confirmed(shop)
    first = cancel(shop, order_id)
    again = cancel(shop, order_id)
    shop.cloud.settle()
    late = cancel(shop, order_id)
    shop.cloud.settle()
    assert [reply.status for reply in (first, again, late)] == [200, 200, 200]
    assert first.json() == again.json() == late.json()
    assert ["idempotent-replayed" in reply.headers for reply in (first, again, late)] == [False, True, True]
    assert shop.facts(order_id).count("OrderCancelled") == 1
    assert violations(shop) == []


@pytest.mark.parametrize("order_id", ["none", "5d2a3f60-8c1b-5b7e-b1c9-0c6f1e2d3a44"])
def test_cancellation_is_404_when_order_does_not_exist(shop: Shop, order_id: str) -> None:
    assert cancel(shop, order_id).status == 404


def test_cancellation_is_404_when_order_belongs_to_another_customer(shop: Shop) -> None:
    order_id = shop.place(an_order(), customer="ada")
    reply = cancel(shop, order_id, customer="eve")
    assert (reply.status, reply.json()["code"]) == (404, "order_not_found")
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED


def test_cancellation_is_401_without_token(shop: Shop) -> None:
    order_id = shop.place(an_order())
    assert shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer=None).status == 401
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED


FACTS = ["InventoryReserved", "PaymentProcessed", "OrderConfirmed", "ShipmentScheduled"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fact", FACTS)
def test_cancellation_racing_any_decision_has_one_winner(shop: Shop, fact: str, *, after: bool) -> None:
    order_id = shop.place(an_order())
    race = Once(fact, lambda: cancel(shop, order_id).status, after=after)
    with call_fault(shop.cloud, race):
        shop.cloud.settle()
    shipped = (fact, after) == ("ShipmentScheduled", True)
    assert race.done == [409 if shipped else 200]
    assert ("ShipmentScheduled" in shop.facts(order_id)) == shipped
    assert ("OrderCancelled" in shop.facts(order_id)) != shipped
    assert violations(shop) == []


def test_shipment_wins_when_scheduled_before_cancellation_commits(shop: Shop) -> None:
    order_id = confirmed(shop)
    # Long enough for a shipment, and shorter than the API's deadline.
    race = Once("OrderCancelled", lambda: shop.cloud.advance(seconds=3))
    with call_fault(shop.cloud, race):
        assert cancel(shop, order_id).status == 409
    assert race.done
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []


def test_payment_is_refunded_when_confirmed_before_cancellation_commits(shop: Shop) -> None:
    order_id = shop.place(an_order())

    def until_confirmed() -> None:
        while "OrderConfirmed" not in shop.facts(order_id):
            shop.cloud.advance(milliseconds=20)

    race = Once("OrderCancelled", until_confirmed)
    with call_fault(shop.cloud, race):
        assert cancel(shop, order_id).status == 200
    shop.cloud.settle()
    assert set(shop.facts(order_id)) == CANCELLED
    assert violations(shop) == []


def test_cancelled_order_is_unchanged_when_events_arrive_twice(shop: Shop) -> None:
    with call_fault(shop.cloud, published_twice):
        order_id = confirmed(shop)
        assert cancel(shop, order_id).status == 200
        shop.cloud.settle()
    assert set(shop.facts(order_id)) == CANCELLED
    assert len(shop.email_subjects()) == 4
    assert violations(shop) == []


def test_nothing_is_shipped_when_confirmation_follows_cancellation(shop: Shop) -> None:
    with call_fault(shop.cloud, without_shipping):
        order_id = confirmed(shop)
        assert cancel(shop, order_id).status == 200
        shop.cloud.advance(minutes=2)
    shop.cloud.settle()
    assert set(shop.facts(order_id)) == CANCELLED
    assert violations(shop) == []


def test_cancelled_order_is_unchanged_when_events_are_republished(shop: Shop) -> None:
    published: list[dict[str, Any]] = []

    def collect(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            published.extend(call.parameters["Entries"])
        return proceed()

    with call_fault(shop.cloud, collect):
        order_id = confirmed(shop)
        cancel(shop, order_id)
        shop.cloud.settle()
    assert {entry["DetailType"] for entry in published} == CANCELLED
    shop.cloud.put_events(list(reversed(published)))
    shop.cloud.settle()
    assert set(shop.facts(order_id)) == CANCELLED
    assert len(shop.email_subjects()) == 4
    assert violations(shop) == []


def cancel_with_crash(shop: Shop, nth: int, retry_after: timedelta) -> tuple[CrashAfter, str]:
    """Cancel a paid order, with a crash after the n-th call from then on."""
    shop.cloud.retry_after = None
    order_id = confirmed(shop)
    shop.cloud.retry_after = retry_after
    crash = CrashAfter(nth)
    with call_fault(shop.cloud, crash):
        if cancel(shop, order_id).status != 200:
            assert cancel(shop, order_id).status == 200
        shop.cloud.settle()
    return crash, order_id


def test_order_is_refunded_once_when_any_call_crashes(shop: Shop) -> None:
    """Redeliver interrupted work last, for every third call; `tests/simulation` does so promptly for all."""
    made = cancel_with_crash(shop, 0, LATE_RETRY)[0].made
    assert "orders-api dynamodb.TransactWriteItems" in made
    assert made.count("payments dynamodb.TransactWriteItems") == 1
    failures = {}
    for nth in range(1, len(made) + 1, 3):
        shop.cloud.reset()
        shop.open()
        crash, order_id = cancel_with_crash(shop, nth, LATE_RETRY)
        assert crash.where != "nowhere"
        found = violations(shop)
        if set(shop.facts(order_id)) != CANCELLED:
            found.append(f"the facts are {shop.facts(order_id)}")
        if shop.charges() != {f"charge {order_id}": 1, f"refund {order_id}": 1}:
            found.append(f"the gateway has {shop.charges()}")
        if found:
            failures[f"{nth}: {crash.where}"] = found
    assert failures == {}
