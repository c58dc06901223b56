"""Shipments in the event log: the event alone says that an order is shipped."""

from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.claims import claim
from functions.shared.event_store.event_log import Appended, RefusedError, event_log


def commit_shipment(shipment: ShipmentScheduled, *, cause: Cause) -> Appended | None:
    """Schedule it; return None if the order was cancelled, even if that event has not arrived yet."""
    uncancelled = claim(shipment.order_id, owner=shipment.owner)
    try:
        return event_log().append(shipment, cause=cause, changes=[uncancelled])
    except RefusedError:
        return None
