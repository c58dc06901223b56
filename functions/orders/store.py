"""The orders table: the status of each order, and a version that keeps concurrent decisions apart.

An open order carries `open_in` and `open_since`, the keys of a sparse index that holds only open orders
(docs/decisions/0017-overdue-orders-are-found-in-a-sparse-index.md).
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import msgspec

from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.orders.domain import AlreadyShippedError, Order, OrderStatus
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Cause, Event
from functions.shared.contracts.fact import Fact
from functions.shared.event_store import open_items
from functions.shared.event_store.attributes import Item, number, text, texts
from functions.shared.event_store.event_log import Appended, Change, RefusedError, event_log, undecided
from functions.shared.event_store.open_items import shard_of, sortable
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.failure import NotYetError
from functions.shared.runtime.retry import retries

CommitT = TypeVar("CommitT")

CREATION = (OrderCreated.owner, OrderCreated.decision)
OPEN_ORDERS = "open-orders"
SHIPMENT_CHECK = 1
"""Index of the change that checks the shipment when a confirmed order is cancelled."""
COMMIT_ATTEMPTS = 3
"""Only a payment that confirms the order comes between the read and the commit and leaves the order open."""


class UnknownOrderError(NotYetError):
    """The order does not exist, or not yet."""


def commit_with_retries(commit: Callable[[], CommitT]) -> CommitT:
    """Retry a commit while a client waits, if another decision was committed since its read.

    Raises:
        RefusedError: every attempt met another decision.
    """
    for _ in range(COMMIT_ATTEMPTS - 1):
        try:
            return commit()
        except RefusedError:
            continue
    return commit()


def creation_of(order_id: str) -> Event[Fact] | None:
    """Return the event that created the order, or None."""
    return event_log().recorded(order_id, CREATION)


def commit_creation(order: OrderCreated, *, cause: Cause, now: datetime | None = None) -> Appended:
    """Create the order; return the event recorded for its id, which may be an earlier one."""
    row: Change = {
        "Put": {
            "TableName": required("ORDERS_TABLE"),
            "Item": {
                **texts(
                    order_id=order.order_id,
                    status=OrderStatus.CREATED,
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
    """Return the order; raise `UnknownOrderError` if there is none."""
    response = dynamodb().get_item(
        TableName=required("ORDERS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
    )
    if "Item" not in response:
        raise UnknownOrderError("no such order yet")
    item = response["Item"]
    return Order(
        status=OrderStatus(item["status"]["S"]),
        version=int(item["version"]["N"]),
        created=msgspec.json.decode(item["created"]["S"], type=OrderCreated),
    )


def due(before: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the open orders that were created or last claimed by then, the oldest first."""
    return open_items.due(
        table=required("ORDERS_TABLE"), index=OPEN_ORDERS, key="order_id", due_at="open_since", before=before
    )


def take(order_id: str, *, before: datetime) -> datetime | None:
    """Claim a due order: move it behind all others; return when it was opened, or None if it is closed.

    The next run starts with the others, so an order that cannot be cancelled delays none of them.
    """
    try:
        response = retries().run(
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
    return datetime.fromisoformat(response["Attributes"]["opened_at"]["S"])


def commit(decided: OrderConfirmed | OrderCancelled, order: Order, *, cause: Cause) -> Appended:
    """Commit the decision if the order is unchanged; return the recorded one, which may be earlier.

    Raises:
        AlreadyShippedError: the shipment of the confirmed order was scheduled before this cancellation.
        RefusedError: the order was changed meanwhile.
    """
    if isinstance(decided, OrderConfirmed):
        changes = [_move(order, OrderStatus.CONFIRMED, "SET #status = :status, version = :next")]
    else:
        changes = [
            _move(
                order,
                OrderStatus.CANCELLED,
                "SET #status = :status, version = :next REMOVE open_in, open_since",
            )
        ]
        if order.status is OrderStatus.CONFIRMED:
            changes.append(undecided(decided.order_id, ShipmentScheduled))
    try:
        return event_log().append(decided, cause=cause, changes=changes)
    except RefusedError as refused:
        if SHIPMENT_CHECK in refused.changes:
            raise AlreadyShippedError("its shipment was scheduled first") from refused
        raise


def _move(order: Order, status: OrderStatus, update: str) -> Change:
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
    """Mark a confirmed order as shipped, after which it cannot be cancelled; return False if it was before.

    Raises:
        UnknownOrderError: the order does not exist or is not confirmed yet.
        Rejected: the order is cancelled, so a shipment is impossible.
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
                    ":shipped": text(OrderStatus.SHIPPED),
                    ":confirmed": text(OrderStatus.CONFIRMED),
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
    if status == OrderStatus.CANCELLED:
        # docs/decisions/0013-cancellation-and-shipment-exclude-each-other.md
        raise Rejected("illegal_transition", "a cancelled order is not shipped")
    if status != OrderStatus.SHIPPED:
        raise UnknownOrderError("no such order, or not confirmed yet")
