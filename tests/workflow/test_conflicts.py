"""A single write that meets another's transaction at its row is made again within the invocation."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketcloud import AwsCall
from tests.workflow.judge import complaints
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.troubles import Proceed, trouble

IN_TRANSACTIONS = {f"{PREFIX}-{table}" for table in ("orders", "attempts", "shipments")}
TIMES = 2


@dataclass
class Conflicts:
    """The first two tries of each single write to a table that transactions write to as well meet one."""

    met: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        table = str(call.parameters.get("TableName"))
        if call.operation not in {"PutItem", "UpdateItem"} or table not in IN_TRANSACTIONS:
            return proceed()
        where = call.function.removeprefix(f"{PREFIX}-"), table.removeprefix(f"{PREFIX}-")
        if self.met[where] == TIMES:
            return proceed()
        self.met[where] += 1
        error = {
            "Error": {
                "Code": "TransactionConflictException",
                "Message": "Transaction is ongoing for the item",
            }
        }
        raise ClientError(error, call.operation)  # type: ignore[arg-type]  # as DynamoDB's has it


def came_again(shop: Shop) -> set[str]:
    """The functions that a message came to a second time; the letters' may, where it is told too early."""
    functions = {hop.function for hop in shop.cloud.deliveries if hop.receive_count > 1}
    return functions - {f"{PREFIX}-notifications"}


def test_an_order_is_shipped_at_the_first_delivery_of_everything(shop: Shop) -> None:
    conflicts = Conflicts()
    with trouble(shop.cloud, conflicts):
        shop.place(an_order())
        shop.cloud.settle()
    assert {row["status"] for row in shop.rows("orders")} == {"shipped"}
    assert conflicts.met == {("payments", "attempts"): TIMES, ("orders", "orders"): TIMES}
    assert came_again(shop) == set()
    assert complaints(shop) == []


@pytest.mark.parametrize("method", ["pm_card_visa", "pm_card_chargeDeclined"])
def test_so_is_what_is_cancelled_undone(shop: Shop, method: str) -> None:
    conflicts = Conflicts()
    order_id = shop.place(an_order(payment_method=method))
    assert shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer="ada").status == 200
    with trouble(shop.cloud, conflicts):
        shop.cloud.settle()
    assert {row["status"] for row in shop.rows("orders")} == {"cancelled"}
    assert conflicts.met == {("payments", "attempts"): TIMES, ("shipping", "shipments"): TIMES}
    assert came_again(shop) == set()
    assert complaints(shop) == []
