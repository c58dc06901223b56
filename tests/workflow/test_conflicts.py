"""Transaction conflicts of single writes: each is retried within the invocation."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.invariants import violations
from tests.workflow.shop import PREFIX, Shop, an_order

TRANSACTIONAL_TABLES = {f"{PREFIX}-{table}" for table in ("event-log", "attempts")}
CONFLICTS = 2


@dataclass
class Conflicts:
    """Let the first two attempts of each single write to a transactional table conflict."""

    met: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        table = str(call.parameters.get("TableName"))
        if call.operation not in {"PutItem", "UpdateItem"} or table not in TRANSACTIONAL_TABLES:
            return proceed()
        where = call.function.removeprefix(f"{PREFIX}-"), table.removeprefix(f"{PREFIX}-")
        if self.met[where] == CONFLICTS:
            return proceed()
        self.met[where] += 1
        error = {
            "Error": {
                "Code": "TransactionConflictException",
                "Message": "Transaction is ongoing for the item",
            }
        }
        raise ClientError(error, call.operation)  # type: ignore[arg-type]  # as DynamoDB's has it


def redelivered(shop: Shop) -> set[str]:
    """Return the functions that received a message twice; notifications may, when an event comes early."""
    functions = {hop.function for hop in shop.cloud.deliveries if hop.receive_count > 1}
    return functions - {f"{PREFIX}-notifications"}


def test_order_is_shipped_without_redelivery_when_writes_conflict(shop: Shop) -> None:
    conflicts = Conflicts()
    with call_fault(shop.cloud, conflicts):
        shop.place(an_order())
        shop.cloud.settle()
    assert {row["status"] for row in shop.orders()} == {"shipped"}
    assert conflicts.met == {
        ("payments", "attempts"): CONFLICTS,
        ("payments", "event-log"): CONFLICTS,
        ("orders", "event-log"): CONFLICTS,
    }
    assert redelivered(shop) == set()
    assert violations(shop) == []


@pytest.mark.parametrize("method", ["pm_card_visa", "pm_card_chargeDeclined"])
def test_order_is_compensated_without_redelivery_when_writes_conflict(shop: Shop, method: str) -> None:
    conflicts = Conflicts()
    order_id = shop.place(an_order(payment_method=method))
    assert shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer="ada").status == 200
    with call_fault(shop.cloud, conflicts):
        shop.cloud.settle()
    assert {row["status"] for row in shop.orders()} == {"cancelled"}
    writers = {("payments", "attempts"), ("inventory", "event-log"), ("orders", "event-log")}
    assert conflicts.met == dict.fromkeys(writers, CONFLICTS)
    assert redelivered(shop) == set()
    assert violations(shop) == []
