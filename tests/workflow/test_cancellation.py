"""A customer calls an order back: whatever it races with, one of the two wins, and all else agrees."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from pocketcloud import AwsCall, Reply
from tests.workflow.judge import SHIPPED, complaints
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.troubles import CrashAfter, Proceed, published_twice, trouble

FULL = {"TEAPOT": 5, "CUP": 20}
CALLED_BACK = {
    "OrderCreated",
    "InventoryReserved",
    "PaymentProcessed",
    "OrderConfirmed",
    "OrderCancelled",
    "PaymentRefunded",
    "InventoryReleased",
}
LATE = timedelta(hours=1)


def cancel(shop: Shop, order_id: str, *, customer: str = "ada") -> Reply:
    return shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer=customer)


@dataclass
class Once:
    """Does something just before, or just after, the first transaction of a function that states a fact."""

    fact: str
    act: Callable[[], object]
    after: bool = False
    done: list[object] = field(default_factory=list)

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if self.done or not states(call, self.fact):
            return proceed()
        self.done.append(None)
        answer = proceed() if self.after else None
        self.done[0] = self.act()
        return answer or proceed()


def states(call: AwsCall, fact: str) -> bool:
    if call.operation != "TransactWriteItems":
        return False
    event = call.parameters["TransactItems"][0]["Put"]["Item"]["event"]
    document = event["S"] if isinstance(event, dict) else event
    return bool(json.loads(document)["type"] == fact)


def without_shipping(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """Shipping's database does not answer."""
    if call.function == f"{PREFIX}-shipping":
        raise ConnectionError("shipping's database does not answer")
    return proceed()


def confirmed(shop: Shop) -> str:
    """An order that is paid for and not yet shipped."""
    order_id = shop.place(an_order())
    for _ in range(100):
        if "OrderConfirmed" in shop.facts(order_id):
            return order_id
        shop.cloud.advance(milliseconds=100)
    raise AssertionError(shop.facts(order_id))


def test_an_order_cancelled_at_once_is_never_paid_for_and_nothing_stays_reserved(shop: Shop) -> None:
    order_id = shop.place(an_order())
    reply = cancel(shop, order_id)
    assert (reply.status, reply.json()["status"]) == (200, "cancelled")
    shop.cloud.settle()
    assert shop.rows("gateway") == []
    assert shop.available() == FULL
    assert shop.letters()[-1] == f"Your order {order_id} is cancelled"
    assert complaints(shop) == []


def test_an_order_cancelled_after_the_capture_is_refunded_released_and_cancelled(shop: Shop) -> None:
    order_id = confirmed(shop)
    assert cancel(shop, order_id).status == 200
    shop.cloud.settle()
    assert set(shop.facts(order_id)) == CALLED_BACK
    assert shop.charges() == {f"charge {order_id}": 1, f"refund {order_id}": 1}
    assert shop.available() == FULL
    assert set(shop.letters()) == {
        f"We have your order {order_id}",
        f"Your order {order_id} is confirmed",
        f"Your order {order_id} is cancelled",
        f"Your payment for order {order_id} is refunded",
    }
    view = shop.cloud.http("GET", f"/orders/{order_id}", customer="ada").json()
    assert (view["status"], view["cancellation_reason"]) == ("cancelled", "customer_request")
    assert complaints(shop) == []


def test_an_order_on_its_way_is_not_called_back(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    reply = cancel(shop, order_id)
    assert (reply.status, reply.json()["code"]) == (409, "already_shipped")
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert complaints(shop) == []


def test_a_shipment_that_orders_has_not_heard_of_refuses_the_cancellation_as_well(shop: Shop) -> None:
    order_id = shop.place(an_order())
    while "ShipmentScheduled" not in shop.facts(order_id):
        shop.cloud.advance(milliseconds=20)
    assert [row["status"] for row in shop.rows("orders")] == ["confirmed"]
    assert cancel(shop, order_id).status == 409
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert complaints(shop) == []


def test_cancelling_again_answers_the_same_and_does_nothing(shop: Shop) -> None:
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
    assert complaints(shop) == []


@pytest.mark.parametrize("order_id", ["none", "5d2a3f60-8c1b-5b7e-b1c9-0c6f1e2d3a44"])
def test_an_order_that_is_not_there_cannot_be_cancelled(shop: Shop, order_id: str) -> None:
    assert cancel(shop, order_id).status == 404


def test_another_customer_s_order_is_not_there_to_be_cancelled(shop: Shop) -> None:
    order_id = shop.place(an_order(), customer="ada")
    reply = cancel(shop, order_id, customer="eve")
    assert (reply.status, reply.json()["code"]) == (404, "order_not_found")
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED


def test_a_stranger_without_a_token_cancels_nothing(shop: Shop) -> None:
    order_id = shop.place(an_order())
    assert shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer=None).status == 401
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED


FACTS = ["InventoryReserved", "PaymentProcessed", "OrderConfirmed", "ShipmentScheduled"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fact", FACTS)
def test_a_cancellation_racing_any_decision_ends_with_one_winner(
    shop: Shop, fact: str, *, after: bool
) -> None:
    order_id = shop.place(an_order())
    race = Once(fact, lambda: cancel(shop, order_id).status, after=after)
    with trouble(shop.cloud, race):
        shop.cloud.settle()
    shipped = (fact, after) == ("ShipmentScheduled", True)
    assert race.done == [409 if shipped else 200]
    assert ("ShipmentScheduled" in shop.facts(order_id)) == shipped
    assert ("OrderCancelled" in shop.facts(order_id)) != shipped
    assert complaints(shop) == []


def test_a_shipment_scheduled_while_the_cancellation_decides_wins(shop: Shop) -> None:
    order_id = confirmed(shop)
    race = Once("OrderCancelled", shop.cloud.settle)
    with trouble(shop.cloud, race):
        assert cancel(shop, order_id).status == 409
    assert race.done
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert complaints(shop) == []


def test_a_payment_confirmed_while_the_cancellation_decides_is_refunded(shop: Shop) -> None:
    order_id = shop.place(an_order())

    def until_confirmed() -> None:
        while "OrderConfirmed" not in shop.facts(order_id):
            shop.cloud.advance(milliseconds=20)

    race = Once("OrderCancelled", until_confirmed)
    with trouble(shop.cloud, race):
        assert cancel(shop, order_id).status == 200
    shop.cloud.settle()
    assert set(shop.facts(order_id)) == CALLED_BACK
    assert complaints(shop) == []


def test_every_event_of_a_cancelled_order_twice_changes_nothing(shop: Shop) -> None:
    with trouble(shop.cloud, published_twice):
        order_id = confirmed(shop)
        assert cancel(shop, order_id).status == 200
        shop.cloud.settle()
    assert set(shop.facts(order_id)) == CALLED_BACK
    assert len(shop.letters()) == 4
    assert complaints(shop) == []


def test_the_confirmation_that_reaches_shipping_after_the_cancellation_ships_nothing(shop: Shop) -> None:
    with trouble(shop.cloud, without_shipping):
        order_id = confirmed(shop)
        assert cancel(shop, order_id).status == 200
        shop.cloud.advance(minutes=2)
    shop.cloud.settle()
    assert set(shop.facts(order_id)) == CALLED_BACK
    assert [row["status"] for row in shop.rows("shipments")] == ["cancelled"]
    assert complaints(shop) == []


def test_every_event_again_after_the_cancellation_changes_nothing(shop: Shop) -> None:
    published: list[dict[str, Any]] = []

    def keep(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            published.extend(call.parameters["Entries"])
        return proceed()

    with trouble(shop.cloud, keep):
        order_id = confirmed(shop)
        cancel(shop, order_id)
        shop.cloud.settle()
    assert {entry["DetailType"] for entry in published} == CALLED_BACK
    shop.cloud.put_events(list(reversed(published)))
    shop.cloud.settle()
    assert set(shop.facts(order_id)) == CALLED_BACK
    assert len(shop.letters()) == 4
    assert complaints(shop) == []


def walk(shop: Shop, nth: int, retry_after: timedelta) -> tuple[CrashAfter, str]:
    """A paid order is cancelled, with a crash after the n-th call from then on."""
    shop.cloud.retry_after = None
    order_id = confirmed(shop)
    shop.cloud.retry_after = retry_after
    crash = CrashAfter(nth)
    with trouble(shop.cloud, crash):
        if cancel(shop, order_id).status != 200:
            assert cancel(shop, order_id).status == 200
        shop.cloud.settle()
    return crash, order_id


def test_a_crash_after_any_call_of_a_cancellation_refunds_once(shop: Shop) -> None:
    """What was cut off comes again when all else is done; promptly, in `tests/simulation`."""
    made = walk(shop, 0, LATE)[0].made
    assert "orders-api dynamodb.TransactWriteItems" in made
    assert made.count("payments dynamodb.TransactWriteItems") == 1
    spoilt = {}
    for nth in range(1, len(made) + 1):
        shop.cloud.reset()
        shop.open()
        crash, order_id = walk(shop, nth, LATE)
        assert crash.where != "nowhere"
        wrong = complaints(shop)
        if set(shop.facts(order_id)) != CALLED_BACK:
            wrong.append(f"the facts are {shop.facts(order_id)}")
        if shop.charges() != {f"charge {order_id}": 1, f"refund {order_id}": 1}:
            wrong.append(f"the gateway has {shop.charges()}")
        if wrong:
            spoilt[f"{nth}: {crash.where}"] = wrong
    assert spoilt == {}
