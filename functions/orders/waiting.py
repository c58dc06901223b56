"""The waiting table: a row for each order, from its creation until a run after its deadline finds it ended.

Shipping or cancelling an order writes nothing here (docs/decisions/0043-an-order-is-its-events.md). The sort
key is the time of the order and its id, so each of the four partitions has its oldest order first.
"""

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from functions.shared.event_store.attributes import Item, text, texts
from functions.shared.event_store.event_log import Change
from functions.shared.event_store.open_items import shard_of, shards, sortable
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import CONDITION_FAILED, cancellation_reasons, retries

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef, WriteRequestTypeDef

MAXIMUM_BATCH = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""
AFTER_ID = "$"
"""The character after `#`, which separates the time from the id: it sorts behind every order of a time."""


class WaitingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A row: an order, its place in its partition, and when it was created."""

    order_id: str
    place: str
    opened_at: datetime


def since(order_id: str, time: datetime) -> Change:
    """Return the change that adds a new order; it needs no condition, as its event is put once."""
    return {"Put": {"TableName": required("WAITING_TABLE"), "Item": row_of(order_id, time, time)}}


def due(before: datetime) -> Iterator[WaitingOrder]:
    """Yield the orders that were created or last claimed by then, the oldest first, page by page."""
    yield from heapq.merge(*(_due_in(shard, before) for shard in shards()), key=attrgetter("place"))


def take(order: WaitingOrder, *, before: datetime) -> bool:
    """Claim a due order: move it behind all others; return False if another run did.

    The next run starts with the others, so an order that cannot be cancelled delays none of them.
    """
    table, moved = required("WAITING_TABLE"), row_of(order.order_id, before, order.opened_at)
    if moved["open_since"]["S"] == order.place:
        return True
    delete = {"TableName": table, "Key": _key(order), "ConditionExpression": "attribute_exists(open_in)"}
    items: list[TransactWriteItemTypeDef] = [
        {"Delete": delete},  # type: ignore[typeddict-item]  # checked by botocore
        {"Put": {"TableName": table, "Item": moved}},
    ]
    try:
        retries().run(lambda: dynamodb().transact_write_items(TransactItems=items))
    except dynamodb().exceptions.TransactionCanceledException as cancelled:
        if CONDITION_FAILED not in cancellation_reasons(cancelled):
            raise
        return False
    return True


def remove(orders: Sequence[WaitingOrder]) -> None:
    """Delete the rows; the next run finds a row that DynamoDB has left."""
    for start in range(0, len(orders), MAXIMUM_BATCH):
        requests: list[WriteRequestTypeDef] = [
            {"DeleteRequest": {"Key": _key(order)}} for order in orders[start : start + MAXIMUM_BATCH]
        ]
        dynamodb().batch_write_item(RequestItems={required("WAITING_TABLE"): requests})


def _due_in(shard: str, before: datetime) -> Iterator[WaitingOrder]:
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=required("WAITING_TABLE"),
            KeyConditionExpression="open_in = :shard AND open_since < :after",
            ExpressionAttributeValues={":shard": text(shard), ":after": text(sortable(before) + AFTER_ID)},
            ConsistentRead=True,
        )
    )
    for page in pages:
        yield from map(_order_of, page["Items"])


def row_of(order_id: str, since: datetime, opened_at: datetime) -> Item:
    """Return the row of an order that waits since then."""
    place, opened = f"{sortable(since)}#{order_id}", sortable(opened_at)
    return texts(open_in=shard_of(order_id), open_since=place, opened_at=opened)


def _order_of(item: Item) -> WaitingOrder:
    place = item["open_since"]["S"]
    opened_at = datetime.fromisoformat(item["opened_at"]["S"])
    return WaitingOrder(order_id=place.rpartition("#")[2], place=place, opened_at=opened_at)


def _key(order: WaitingOrder) -> Item:
    return texts(open_in=shard_of(order.order_id), open_since=order.place)
