"""A delivery goes from the ingress bus into stock once, under any fault."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.workflow.call_faults import CrashAfter, call_fault, published_twice
from tests.workflow.invariants import violations
from tests.workflow.shop import Shop, an_order, delivery_entry

ONE_TEAPOT = [{"sku": "TEAPOT", "quantity": 1}]


def test_delivery_is_added_and_published(shop: Shop) -> None:
    shop.cloud.put_events([delivery_entry(TEAPOT=7, SPOON=3)])
    shop.cloud.settle()
    assert shop.available() == {"TEAPOT": 12, "CUP": 20, "SPOON": 3}
    assert shop.facts("delivery-1") == ["StockAdded"]
    assert violations(shop, stock={"TEAPOT": 12, "CUP": 20, "SPOON": 3}) == []


def test_delivery_is_added_once_when_events_arrive_twice(shop: Shop) -> None:
    with call_fault(shop.cloud, published_twice):
        shop.cloud.put_events([delivery_entry(TEAPOT=7), delivery_entry(TEAPOT=7)])
        shop.cloud.settle()
    shop.cloud.advance(hours=1)
    shop.cloud.put_events([delivery_entry(TEAPOT=7)])
    shop.cloud.settle()
    assert shop.available()["TEAPOT"] == 12
    assert shop.facts("delivery-1") == ["StockAdded"]


def test_delivery_is_dead_lettered_when_its_contents_differ(shop: Shop) -> None:
    for quantity in (7, 8):
        shop.cloud.put_events([delivery_entry(TEAPOT=quantity)])
        shop.cloud.settle()
    assert shop.available()["TEAPOT"] == 12
    (message,) = shop.dead_letters("inventory")
    assert message["MessageAttributes"]["reason"]["StringValue"] == "id_collision"


def test_storefront_cannot_publish_as_the_warehouse(shop: Shop) -> None:
    shop.cloud.put_events([delivery_entry(TEAPOT=7) | {"Source": "storefront"}])
    shop.cloud.settle()
    assert shop.available()["TEAPOT"] == 5
    assert shop.rows("event-log") == []


def deliver_first(shop: Shop) -> None:
    shop.cloud.put_events([delivery_entry(TEAPOT=1)])


def deliver_last(shop: Shop) -> None:
    shop.cloud.settle()
    shop.cloud.put_events([delivery_entry(TEAPOT=1)])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("deliver", [deliver_first, deliver_last])
def test_delivery_is_consistent_when_orders_race_for_stock(
    shop: Shop, deliver: Callable[[Shop], None], seed: int
) -> None:
    shop.cloud.reset(seed=seed)
    shop.open({"TEAPOT": 1})
    for number in range(3):
        shop.place(an_order(lines=ONE_TEAPOT), key=f"k{number}")
    deliver(shop)
    shop.cloud.settle()
    shipped = [row for row in shop.orders() if row["status"] == "shipped"]
    assert len(shipped) + shop.available()["TEAPOT"] == 2
    assert violations(shop, stock={"TEAPOT": 2}) == []


def crashing(shop: Shop, nth: int) -> CrashAfter:
    """A delivery, with a crash after the nth call."""
    shop.cloud.reset()
    shop.open()
    shop.cloud.retry_after = timedelta(seconds=10)
    crash = CrashAfter(nth)
    with call_fault(shop.cloud, crash):
        shop.cloud.put_events([delivery_entry(TEAPOT=7)])
        shop.cloud.settle()
    return crash


def test_delivery_is_added_once_when_any_call_crashes(shop: Shop) -> None:
    made = crashing(shop, 0).made
    assert made[0] == "inventory dynamodb.TransactWriteItems"
    for nth in range(1, len(made) + 1):
        assert crashing(shop, nth).where == made[nth - 1]
        assert shop.available()["TEAPOT"] == 12, made[nth - 1]
        assert shop.facts("delivery-1") == ["StockAdded"]
        assert violations(shop, stock={"TEAPOT": 12, "CUP": 20}) == []
