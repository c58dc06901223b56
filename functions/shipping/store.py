"""The shipments table: one row per order, written once: a shipment or a cancellation."""

from functions.contracts.orders import OrderCancelled
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.attributes import texts
from functions.shared.event_store.event_log import Appended, Change, RefusedError, event_log, undecided
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import retries

ABSENT = "attribute_not_exists(order_id)"


def commit_shipment(shipment: ShipmentScheduled, *, cause: Cause) -> Appended | None:
    """Schedule it, unless the order was cancelled, even if that event has not arrived yet."""
    row: Change = {
        "Put": {
            "TableName": required("SHIPMENTS_TABLE"),
            "Item": texts(
                order_id=shipment.order_id,
                status="scheduled",
                carrier=shipment.carrier,
                tracking_number=shipment.tracking_number,
            ),
            "ConditionExpression": ABSENT,
        }
    }
    try:
        uncancelled = undecided(shipment.order_id, OrderCancelled)
        return event_log().append(shipment, cause=cause, changes=[row, uncancelled])
    except RefusedError:
        # A cancellation or its tombstone exists: a shipment would have its fact in the log.
        return None


def record_cancellation(order_id: str) -> None:
    """Write a tombstone, so a late confirmation ships nothing."""
    try:
        retries().run(
            lambda: dynamodb().put_item(
                TableName=required("SHIPMENTS_TABLE"),
                Item=texts(order_id=order_id, status="cancelled"),
                ConditionExpression=ABSENT,
            )
        )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return  # shipped already, or recorded before
