"""Low stock is published once between two deliveries and costs an order no request."""

from datetime import timedelta

import pytest

from tests.workflow.call_faults import CrashAfter, call_fault, published_twice
from tests.workflow.invariants import violations
from tests.workflow.shop import PREFIX, Shop, an_order, delivery_entry

ONE_TEAPOT = [{"sku": "TEAPOT", "quantity": 1}]


def watch(shop: Shop, level: int) -> None:
    """Let the teapots have a reorder level."""
    shop.cloud.client("dynamodb").update_item(
        TableName=f"{PREFIX}-stock",
        Key={"sku": {"S": "TEAPOT"}},
        UpdateExpression="SET reorder_level = :level",
        ExpressionAttributeValues={":level": {"N": str(level)}},
    )


def sell(shop: Shop, *keys: str) -> None:
    for key in keys:
        shop.place(an_order(lines=ONE_TEAPOT), key=key)
    shop.cloud.settle()


def shortages(shop: Shop) -> list[tuple[int, int]]:
    """Return the available stock and the number of deliveries at each shortage."""
    published = [event["data"] for event in shop.events("TEAPOT")]
    return [(data["available"], data["replenishments"]) for data in published]


@pytest.mark.parametrize("seed", range(3))
def test_low_stock_is_published_once_per_delivery(shop: Shop, seed: int) -> None:
    shop.cloud.reset(seed=seed)
    shop.open()
    watch(shop, level=3)
    with call_fault(shop.cloud, published_twice):
        sell(shop, "k1", "k2", "k3", "k4")
        assert shortages(shop) == [(3, 0)]
        shop.cloud.put_events([delivery_entry(TEAPOT=4)])
        shop.cloud.settle()
        sell(shop, "k5", "k6", "k7")
    assert shortages(shop) == [(3, 0), (3, 1)]
    assert violations(shop, stock={"TEAPOT": 9, "CUP": 20}) == []


def test_low_stock_is_not_republished_when_order_is_cancelled(shop: Shop) -> None:
    watch(shop, level=4)
    shop.place(an_order(lines=ONE_TEAPOT, payment_method="pm_card_chargeDeclined"), key="k1")
    shop.cloud.settle()
    sell(shop, "k2")
    assert shortages(shop) == [(4, 0)]
    assert violations(shop) == []


def test_reservation_takes_one_transaction_with_or_without_level(shop: Shop) -> None:
    watch(shop, level=4)
    shop.cloud.calls.clear()
    shop.cloud.calls.keep = True
    sell(shop, "k1")
    shop.cloud.calls.keep = False
    made = [call.operation for call in shop.cloud.calls.log if call.function == f"{PREFIX}-inventory"]
    assert made == ["TransactWriteItems"]


def test_low_stock_is_published_once_when_any_call_crashes(shop: Shop) -> None:
    def crashing(nth: int) -> CrashAfter:
        shop.cloud.reset()
        shop.open()
        watch(shop, level=5)
        shop.cloud.retry_after = timedelta(seconds=10)
        crash = CrashAfter(nth)
        with call_fault(shop.cloud, crash):
            shop.cloud.put_events([delivery_entry(TEAPOT=1, name=f"delivery-{nth}")])
            sell(shop, "k1")
        return crash

    made = crashing(0).made
    mine = [number for number, call in enumerate(made, 1) if call.startswith("inventory-levels")]
    assert mine
    for nth in mine:
        assert crashing(nth).where.startswith("inventory-levels")
        assert len(shop.rows("event-log")) == len({(row["pk"], row["sk"]) for row in shop.rows("event-log")})
        assert [replenishments for _, replenishments in shortages(shop)] in ([0, 1], [1], [0])
        assert violations(shop, stock={"TEAPOT": 6, "CUP": 20}) == []
