"""The stock table: units for sale by SKU; a hot SKU has several rows."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from functions.contracts.inventory import (
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    StockAdded,
    StockRanLow,
)
from functions.contracts.values import Line
from functions.inventory import shards
from functions.inventory.domain import Level
from functions.inventory.shards import Counts, Move
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.fact import Fact
from functions.shared.event_store.attributes import Attribute, Item, number, text, texts
from functions.shared.event_store.event_log import Appended, Change, RefusedError, event_log
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import CONDITION_FAILED, cancellation_reasons, retries

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactGetItemTypeDef, TransactWriteItemTypeDef

RESERVATION = (InventoryReserved.owner, InventoryReserved.decision)
MAXIMUM_ATTEMPTS = 4
"""Attempts at a reservation while other orders empty the chosen rows."""


class OutOfStockError(Exception):
    """Some SKUs of an order are out of stock; nothing was taken."""

    def __init__(self, skus: Sequence[str]) -> None:
        super().__init__(f"short of {', '.join(skus)}")
        self.skus = skus


class OvertakenError(Exception):
    """Other orders took the stock at each attempt; retrying is safe."""


def commit_reservation(reserved: InventoryReserved, *, cause: Cause) -> Appended:
    """Take all lines from the stock, or none of them.

    Raises:
        OutOfStockError: some SKUs are out of stock.
        OvertakenError: there may be enough; retrying is safe.
    """
    hot = hot_skus()
    chosen: dict[str, tuple[Move, ...]] = {
        line.sku: (shards.home_row(line, reserved.order_id, hot),) for line in reserved.lines
    }
    for _ in range(MAXIMUM_ATTEMPTS):
        _consolidate(chosen)
        moves = [move for taken in chosen.values() for move in taken]
        try:
            return event_log().append(reserved, cause=cause, changes=[_take(move) for move in moves])
        except RefusedError as refused:
            chosen |= _chosen_anew(reserved, {moves[index].sku for index in refused.changes}, hot)
    raise OvertakenError("others were faster each time")


def commit_rejection(rejected: InventoryRejected, *, cause: Cause) -> Appended:
    """Take nothing; return the decision on record, which may be an earlier reservation."""
    return event_log().append(rejected, cause=cause)


def commit_release(released: InventoryReleased, *, cause: Cause) -> Appended:
    """Put all lines back, once."""
    hot = hot_skus()
    moves = [shards.home_row(line, released.order_id, hot) for line in released.lines]
    return event_log().append(released, cause=cause, changes=[_put_back(move) for move in moves])


def commit_addition(added: StockAdded, *, cause: Cause) -> Appended:
    """Add all lines to the stock, once; return the decision on record for the replenishment."""
    changes = [_add(move) for move in shards.spread(added.lines, hot_skus())]
    return event_log().append(added, cause=cause, changes=changes)


def reservation_of(order_id: str) -> Fact | None:
    """Return the decision on the reservation of the order, if any."""
    recorded = event_log().recorded(order_id, RESERVATION)
    return recorded.fact if recorded else None


def commit_shortage(ran_low: StockRanLow, *, cause: Cause) -> None:
    """Publish it, once per replenishment."""
    event_log().append(ran_low, cause=cause)


def is_published(ran_low: StockRanLow) -> bool:
    """Return whether this shortage was published since the last replenishment."""
    return event_log().recorded(ran_low.sku, (ran_low.owner, ran_low.decision_key)) is not None


def level_of(rows: Iterable[Item]) -> Level | None:
    """Return the level from all rows of the SKU; None if no reorder level is set."""
    counted_rows = [row for row in rows if "available" in row]
    first = next((row for row in counted_rows if "reorder_level" in row), None)
    if first is None:
        return None
    return Level(
        available=sum(available_in(row) for row in counted_rows),
        reorder_level=int(first["reorder_level"]["N"]),
        replenishments=int(first["replenishments"]["N"]) if "replenishments" in first else 0,
    )


def hot_skus() -> Counts:
    """Return the number of shards of each hot SKU, from the settings of the stage."""
    return _parsed(required("HOT_SKUS"))


def read_rows(sku: str) -> Mapping[str, Item]:
    """Read the rows of a hot SKU one by one; their sum proves nothing, as they change meanwhile."""
    table = required("STOCK_TABLE")
    responses = {
        row: dynamodb().get_item(TableName=table, Key=texts(sku=row), ConsistentRead=True)
        for row in shards.rows_of(sku)
    }
    return {row: response["Item"] for row, response in responses.items() if "Item" in response}


def snapshot_rows(sku: str) -> Mapping[str, Item]:
    """Read all rows of a hot SKU in one transaction, to prove a shortage.

    DynamoDB rejects it while any of the rows is being written, so call it last: while the SKU sells, one of
    ten rows usually is.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
    """
    gets: list[TransactGetItemTypeDef] = [
        {"Get": {"TableName": required("STOCK_TABLE"), "Key": texts(sku=row)}} for row in shards.rows_of(sku)
    ]
    result = retries().run(lambda: dynamodb().transact_get_items(TransactItems=gets))
    items = [response["Item"] for response in result["Responses"] if "Item" in response]
    return {item["sku"]["S"]: item for item in items}


def available_in(item: Item) -> int:
    """Return the units for sale in the row."""
    return int(item["available"]["N"]) if "available" in item else 0


def _consolidate(chosen: dict[str, tuple[Move, ...]]) -> None:
    """Move lines into one row each until one transaction has room for the reservation.

    DynamoDB limits a transaction to 100 actions. Each line is moved in a transaction of its own, which keeps
    the sum of the SKU's rows: after a crash or a repeat as much is for sale as before.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
    """
    for moves in shards.to_consolidate(chosen.values()):
        _move_into_first_row(moves)
        chosen[moves[0].sku] = (shards.merged(moves),)


def _move_into_first_row(moves: Sequence[Move]) -> None:
    """Move the line into its first row, or nothing if the other rows no longer hold it."""
    first, *others = moves
    into_first = msgspec.structs.replace(first, quantity=sum(move.quantity for move in others))
    changes = (_put_back(into_first), *(_take(move) for move in others))
    items: list[TransactWriteItemTypeDef] = [{"Update": change["Update"]} for change in changes]
    try:
        retries().run(lambda: dynamodb().transact_write_items(TransactItems=items))
    except dynamodb().exceptions.TransactionCanceledException as cancelled:
        if CONDITION_FAILED not in cancellation_reasons(cancelled):
            raise
        # Other orders took some meanwhile: the reservation's own conditions find that out.


def _chosen_anew(reserved: InventoryReserved, refused: set[str], hot: Counts) -> dict[str, tuple[Move, ...]]:
    """Choose other rows for the refused SKUs; raise `OutOfStockError` if one is out of stock."""
    chosen, short = {}, []
    for line in reserved.lines:
        if line.sku in refused:
            moves = _gathered(line) if line.sku in hot else None
            if moves is None:
                short.append(line.sku)
            else:
                chosen[line.sku] = moves
    if short:
        raise OutOfStockError(short)
    return chosen


def _gathered(line: Line) -> tuple[Move, ...] | None:
    """Return rows that hold the line; None if a snapshot proves that they do not."""
    for look in (read_rows, snapshot_rows):
        available = {row: available_in(item) for row, item in look(line.sku).items()}
        if (moves := shards.gathered(line, available)) is not None:
            return moves
    return None


@cache
def _parsed(text: str) -> Counts:
    return msgspec.json.decode(text, type=dict[str, int])


def _take(move: Move) -> Change:
    """Take at most what is there; a SKU that was never stocked fails the same condition."""
    return _change(move, "SET available = available - :quantity", condition="available >= :quantity")


def _put_back(move: Move) -> Change:
    """Require the first row to exist; create further rows of a hot SKU when needed."""
    if move.row == move.sku:
        return _change(move, "ADD available :quantity", condition="attribute_exists(sku)")
    return _add(move)


def _add(move: Move) -> Change:
    """Count replenishments in the first row as well: each allows one more `StockRanLow`."""
    if move.row == move.sku:
        return _change(move, "ADD available :quantity, replenishments :one", one=number(1))
    # `shard_of` shows the stream's filter that the row counts only a part (infrastructure/topology.py).
    return _change(move, "ADD available :quantity SET shard_of = :sku", sku=text(move.sku))


def _change(move: Move, update: str, *, condition: str | None = None, **values: Attribute) -> Change:
    return {
        "Update": {
            "TableName": required("STOCK_TABLE"),
            "Key": texts(sku=move.row),
            "UpdateExpression": update,
            **({"ConditionExpression": condition} if condition else {}),
            "ExpressionAttributeValues": {
                ":quantity": number(move.quantity),
                **{f":{name}": value for name, value in values.items()},
            },
        }
    }
