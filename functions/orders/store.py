"""The orders table: how far each order is; its version keeps two decisions from passing each other by."""

import msgspec

from functions.orders.domain import Order, Status
from functions.shared.attributes import number, text, texts
from functions.shared.clients import dynamodb
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.shared.environment import required
from functions.shared.event_log import Change, event_log

CREATION = (OrderCreated.owner, OrderCreated.decision)


class UnknownOrderError(Exception):
    """Nobody has created this order here, or not yet."""


def commit_creation(order: OrderCreated, *, cause: Cause) -> Fact:
    """Create the order; answers the order that stands under its id, which may be an earlier one."""
    row: Change = {
        "Put": {
            "TableName": required("ORDERS_TABLE"),
            "Item": {
                **texts(
                    order_id=order.order_id,
                    status=Status.CREATED,
                    created=msgspec.json.encode(order).decode(),
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


def commit(decided: OrderConfirmed | OrderCancelled, order: Order, *, cause: Cause) -> None:
    """Move the order on from where it was when the decision was taken."""
    status = Status.CONFIRMED if isinstance(decided, OrderConfirmed) else Status.CANCELLED
    change: Change = {
        "Update": {
            "TableName": required("ORDERS_TABLE"),
            "Key": texts(order_id=decided.order_id),
            "UpdateExpression": "SET #status = :status, version = :next",
            "ConditionExpression": "version = :seen",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":status": text(status),
                ":seen": number(order.version),
                ":next": number(order.version + 1),
            },
        }
    }
    event_log().append(decided, cause=cause, changes=[change])


def mark_shipped(order_id: str) -> None:
    """Note that the parcel of a confirmed order is under way; from here on it cannot be called back."""
    try:
        dynamodb().update_item(
            TableName=required("ORDERS_TABLE"),
            Key=texts(order_id=order_id),
            UpdateExpression="SET #status = :shipped ADD version :one",
            ConditionExpression="#status = :confirmed",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":shipped": text(Status.SHIPPED),
                ":confirmed": text(Status.CONFIRMED),
                ":one": number(1),
            },
        )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return  # noted before
