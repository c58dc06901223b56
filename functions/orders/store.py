"""The orders table: how far each order is; its version keeps two decisions from passing each other by.

An order that has not come to its end carries `open_in` and `open_since`, the keys of an index that holds no
other order (docs/decisions/0017-overdue-orders-are-found-in-a-sparse-index.md).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.orders.domain import Order, Status
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store import open_items
from functions.shared.event_store.attributes import Item, number, text, texts
from functions.shared.event_store.event_log import Appended, Change, RefusedError, event_log, undecided
from functions.shared.event_store.open_items import shard_of, sortable
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.failure import NotYetError
from functions.shared.runtime.retry import retries

CREATION = (OrderCreated.owner, OrderCreated.decision)
OPEN_ORDERS = "open-orders"
SHIPMENT_CHECK = 1
"""Where among the changes of a paid order's cancellation its shipment is checked."""


class UnknownOrderError(NotYetError):
    """Nobody has created this order here, or not yet."""


class AlreadyShippedError(Exception):
    """The order's parcel is with the carrier: it cannot be called back."""


def commit_creation(order: OrderCreated, *, cause: Cause, now: datetime | None = None) -> Appended:
    """Create the order; answers the order that stands under its id, which may be an earlier one."""
    row: Change = {
        "Put": {
            "TableName": required("ORDERS_TABLE"),
            "Item": {
                **texts(
                    order_id=order.order_id,
                    status=Status.CREATED,
                    created=msgspec.json.encode(order).decode(),
                    open_in=shard_of(order.order_id),
                    open_since=sortable(now or datetime.now(UTC)),
                ),
                "version": number(1),
            },
            "ConditionExpression": "attribute_not_exists(order_id)",
        }
    }
    return event_log().append(order, cause=cause, changes=[row])


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


def due(before: datetime) -> Iterator[tuple[str, datetime]]:
    """The orders, created or last taken by then, that have not come to their end; the oldest first."""
    return open_items.due(
        table=required("ORDERS_TABLE"), index=OPEN_ORDERS, due_at="open_since", before=before
    )


def take(order_id: str, *, before: datetime) -> datetime | None:
    """Move the order behind all others that are due by then; return since when it is open.

    None if it is not open any more. An order that cannot be ended keeps no other waiting for its turn.
    """
    try:
        answer = retries().run(
            lambda: dynamodb().update_item(
                TableName=required("ORDERS_TABLE"),
                Key=texts(order_id=order_id),
                UpdateExpression="SET opened_at = if_not_exists(opened_at, open_since), open_since = :before",
                ConditionExpression="attribute_exists(open_in) AND open_since <= :before",
                ExpressionAttributeValues={":before": text(sortable(before))},
                ReturnValues="ALL_NEW",
            )
        )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return None
    return datetime.fromisoformat(answer["Attributes"]["opened_at"]["S"])


def commit(decided: OrderConfirmed | OrderCancelled, order: Order, *, cause: Cause) -> Appended:
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
        return event_log().append(decided, cause=cause, changes=changes)
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
        retries().run(
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
