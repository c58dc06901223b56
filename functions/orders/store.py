"""The orders table: how far each order is; its version keeps two decisions from passing each other by.

An order that has not come to its end carries `open_in` and `open_since`, the keys of an index that holds no
other order (docs/decisions/0017-overdue-orders-are-found-in-a-sparse-index.md).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from functions.orders.domain import Order, Status
from functions.shared.attributes import Item, number, text, texts
from functions.shared.clients import dynamodb
from functions.shared.contention import contention
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.shared.contracts.shipping import ShipmentScheduled
from functions.shared.environment import required
from functions.shared.event_log import Change, RefusedError, event_log, undecided
from functions.shared.failure import NotYetError

CREATION = (OrderCreated.owner, OrderCreated.decision)
OPEN_ORDERS = "open-orders"
SHARDS = 4
"""Partitions of the index; one takes 1,000 writes a second, and an order is written to it twice."""
SHIPMENT_CHECK = 1
"""Where among the changes of a paid order's cancellation its shipment is checked."""


class UnknownOrderError(NotYetError):
    """Nobody has created this order here, or not yet."""


class AlreadyShippedError(Exception):
    """The order's parcel is with the carrier: it cannot be called back."""


def commit_creation(order: OrderCreated, *, cause: Cause, now: datetime | None = None) -> Fact:
    """Create the order; answers the order that stands under its id, which may be an earlier one."""
    row: Change = {
        "Put": {
            "TableName": required("ORDERS_TABLE"),
            "Item": {
                **texts(
                    order_id=order.order_id,
                    status=Status.CREATED,
                    created=msgspec.json.encode(order).decode(),
                    open_in=_shard(int(order.order_id[0], 16) % SHARDS),
                    open_since=_instant(now or datetime.now(UTC)),
                ),
                "version": number(1),
            },
            "ConditionExpression": "attribute_not_exists(order_id)",
        }
    }
    return event_log().append(order, cause=cause, changes=[row]).fact


def load(order_id: str) -> Order:
    """The order as it stands; raises `UnknownOrderError` where there is none."""
    answer = dynamodb().get_item(
        TableName=required("ORDERS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
    )
    if "Item" not in answer:
        raise UnknownOrderError("no such order yet")
    item = answer["Item"]
    return Order(
        status=Status(item["status"]["S"]),
        version=int(item["version"]["N"]),
        created=msgspec.json.decode(item["created"]["S"], type=OrderCreated),
    )


def open_since(before: datetime) -> Iterator[tuple[str, datetime]]:
    """The orders, created by then and when, that have not come to their end; it reads no others."""
    query = dynamodb().get_paginator("query")
    for shard in range(SHARDS):
        pages = query.paginate(
            TableName=required("ORDERS_TABLE"),
            IndexName=OPEN_ORDERS,
            KeyConditionExpression="open_in = :shard AND open_since <= :before",
            ExpressionAttributeValues={":shard": text(_shard(shard)), ":before": text(_instant(before))},
        )
        for page in pages:
            for item in page["Items"]:
                yield item["order_id"]["S"], datetime.fromisoformat(item["open_since"]["S"])


def commit(decided: OrderConfirmed | OrderCancelled, order: Order, *, cause: Cause) -> Fact:
    """Move the order on from where it was when the decision was taken; answers the decision that stands.

    Raises `AlreadyShippedError` where a paid order is to be cancelled and its shipment was scheduled first.
    """
    if isinstance(decided, OrderConfirmed):
        changes = [_move(order, Status.CONFIRMED, "SET #status = :status, version = :next")]
    else:
        changes = [
            _move(
                order,
                Status.CANCELLED,
                "SET #status = :status, version = :next REMOVE open_in, open_since",
            )
        ]
        if order.status is Status.CONFIRMED:
            changes.append(undecided(decided.order_id, ShipmentScheduled))
    try:
        return event_log().append(decided, cause=cause, changes=changes).fact
    except RefusedError as refused:
        if SHIPMENT_CHECK in refused.changes:
            raise AlreadyShippedError("its shipment was scheduled first") from refused
        raise


def _move(order: Order, status: Status, update: str) -> Change:
    return {
        "Update": {
            "TableName": required("ORDERS_TABLE"),
            "Key": texts(order_id=order.created.order_id),
            "UpdateExpression": update,
            "ConditionExpression": "version = :seen",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":status": text(status),
                ":seen": number(order.version),
                ":next": number(order.version + 1),
            },
        }
    }


def mark_shipped(order_id: str) -> bool:
    """Note that the parcel of a confirmed order is under way, so that it cannot be called back any more.

    Answers whether that was news.

    Raises:
        UnknownOrderError: there is no such order, or none that is confirmed yet.
        Rejected: it is cancelled, and nothing that is true says that it was shipped.
    """
    try:
        contention().retried(
            lambda: dynamodb().update_item(
                TableName=required("ORDERS_TABLE"),
                Key=texts(order_id=order_id),
                UpdateExpression="SET #status = :shipped REMOVE open_in, open_since ADD version :one",
                ConditionExpression="#status = :confirmed",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":shipped": text(Status.SHIPPED),
                    ":confirmed": text(Status.CONFIRMED),
                    ":one": number(1),
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        )
    except dynamodb().exceptions.ConditionalCheckFailedException as refused:
        _refuse_unless_shipped(cast("dict[str, Any]", refused.response).get("Item"))
        return False
    return True


def _refuse_unless_shipped(item: Item | None) -> None:
    status = item["status"]["S"] if item else None
    if status == Status.CANCELLED:
        # docs/decisions/0013: a cancellation and a shipment exclude each other.
        raise Rejected("illegal_transition", "a cancelled order is not shipped")
    if status != Status.SHIPPED:
        raise UnknownOrderError("no such order, or none that is confirmed yet")


def _shard(number_of_shard: int) -> str:
    return f"open-{number_of_shard}"


def _instant(time: datetime) -> str:
    """In UTC and of one length, so that the later of two is the greater text."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")
