"""The stock table: how many of each article are for sale."""

from collections.abc import Sequence

from functions.shared.attributes import number, texts
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.inventory import InventoryRejected, InventoryReleased, InventoryReserved
from functions.shared.contracts.values import Line
from functions.shared.environment import required
from functions.shared.event_log import Change, RefusedError, event_log

RESERVATION = (InventoryReserved.owner, InventoryReserved.decision)


class OutOfStockError(Exception):
    """Some articles of an order are short; nothing was taken."""

    def __init__(self, skus: Sequence[str]) -> None:
        super().__init__(f"short of {', '.join(skus)}")
        self.skus = skus


def commit_reservation(reserved: InventoryReserved, *, cause: Cause) -> None:
    """Take all lines from the stock, or none and raise `OutOfStockError`."""
    try:
        event_log().append(reserved, cause=cause, changes=[_take(line) for line in reserved.lines])
    except RefusedError as refused:
        raise OutOfStockError([reserved.lines[index].sku for index in refused.changes]) from refused


def commit_rejection(rejected: InventoryRejected, *, cause: Cause) -> Fact:
    """Take nothing; answers the reservation that stands, which may be an earlier and better one."""
    return event_log().append(rejected, cause=cause).fact


def commit_release(released: InventoryReleased, *, cause: Cause) -> None:
    """Put all lines back, once."""
    event_log().append(released, cause=cause, changes=[_put_back(line) for line in released.lines])


def reservation_of(order_id: str) -> Fact | None:
    """What was decided about the order's reservation, if anything was."""
    recorded = event_log().recorded(order_id, RESERVATION)
    return recorded.fact if recorded else None


def _take(line: Line) -> Change:
    """Never more than there is: an article nobody has ever stocked fails the same condition."""
    return _move(line, "SET available = available - :quantity", "available >= :quantity")


def _put_back(line: Line) -> Change:
    return _move(line, "SET available = available + :quantity", "attribute_exists(sku)")


def _move(line: Line, update: str, condition: str) -> Change:
    return {
        "Update": {
            "TableName": required("STOCK_TABLE"),
            "Key": texts(sku=line.sku),
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {":quantity": number(line.quantity)},
        }
    }
