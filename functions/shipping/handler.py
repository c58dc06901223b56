"""Shipping's reactions: ship confirmed orders, and never a cancelled one."""

from functions.contracts.orders import OrderCancelled, OrderConfirmed
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shipping import domain, store


def on_order_confirmed(event: Event[OrderConfirmed]) -> Appended | None:
    """Hand the parcel to a carrier."""
    return store.commit_shipment(domain.schedule(event.fact), cause=event.as_cause())


def on_order_cancelled(event: Event[OrderCancelled]) -> None:
    """Prevent any later shipment of the order."""
    store.record_cancellation(event.fact.order_id)


REACTIONS: Reactions = {
    OrderConfirmed: on_order_confirmed,
    OrderCancelled: on_order_cancelled,
}

handle = consumer("shipping", REACTIONS, store=event_log)
