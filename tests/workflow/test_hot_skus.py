"""A stage with hot SKUs: the template configures inventory, and the last ones sell once."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketcloud import AwsCall, OfflineCloud
from tests.assemblies import dev_with_options
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.invariants import SHIPPED
from tests.workflow.shop import Shop, an_order, delivery_entry

CONFLICT: Any = {
    "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
    "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
}
ONE_TEAPOT = [{"sku": "TEAPOT", "quantity": 1}]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage with teapots as a hot SKU."""
    with OfflineCloud.start(assembly=dev_with_options(tmp_path_factory)) as cloud:
        yield cloud


def teapots(shop: Shop) -> int:
    return sum(there for row, there in shop.available().items() if row.startswith("TEAPOT"))


def stocked(shop: Shop, seed: int) -> Shop:
    """A shop whose six teapots came in a delivery, and so lie in several rows."""
    shop.cloud.reset(seed=seed)
    shop.open({"TEAPOT": 0})
    shop.cloud.put_events([delivery_entry(TEAPOT=6)])
    shop.cloud.settle()
    assert len(shop.available()) == 4
    return shop


@pytest.mark.parametrize("seed", range(3))
def test_hot_sku_sells_out_without_overselling(shop: Shop, seed: int) -> None:
    orders = [an_order(lines=ONE_TEAPOT) for _ in range(8)]
    stocked(shop, seed)
    ids = [shop.place(order, key=f"k{number}") for number, order in enumerate(orders)]
    shop.cloud.settle()
    facts = [shop.facts(order_id) for order_id in ids]
    assert sum("ShipmentScheduled" in facts_of_order for facts_of_order in facts) == 6
    assert sum("OrderCancelled" in facts_of_order for facts_of_order in facts) == 2
    assert teapots(shop) == 0


def test_hot_sku_is_restocked_when_orders_are_cancelled(shop: Shop) -> None:
    stocked(shop, seed=0)
    for number in range(6):
        shop.place(an_order(lines=ONE_TEAPOT, payment_method="pm_card_chargeDeclined"), key=f"k{number}")
    shop.cloud.settle()
    assert teapots(shop) == 6


def test_conflicts_are_retried_within_the_invocation(shop: Shop) -> None:
    stocked(shop, seed=0)
    refused: list[str] = []

    def conflict(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if (
            call.operation == "TransactWriteItems"
            and call.function.endswith("-inventory")
            and len(refused) < 2
        ):
            refused.append(call.operation)
            raise ClientError(CONFLICT, call.operation)
        return proceed()

    with call_fault(shop.cloud, conflict):
        order_id = shop.place(an_order(lines=ONE_TEAPOT))
        shop.cloud.settle()
    assert len(refused) == 2
    assert shop.facts(order_id) == SHIPPED
    assert teapots(shop) == 5
    assert {hop.receive_count for hop in shop.cloud.deliveries} == {1}
