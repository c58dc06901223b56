"""The shipments table: one row an order, written once, whether it is shipped or never will be."""

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
    """Schedule it, unless a cancellation came first, even one that we have not heard of yet."""
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
        # Only a cancellation can be in the way, or its tombstone: a shipment would have its fact in the log.
        return None


def bury(order_id: str) -> None:
    """Leave a tombstone, so that a confirmation that comes late ships nothing."""
    try:
        retries().run(
            lambda: dynamodb().put_item(
                TableName=required("SHIPMENTS_TABLE"),
                Item=texts(order_id=order_id, status="cancelled"),
                ConditionExpression=ABSENT,
            )
        )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return  # shipped already, or buried before
