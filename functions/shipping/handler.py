"""Shipping's reaction: ship confirmed orders, and never a cancelled one."""

from functions.contracts.heartbeat import is_synthetic
from functions.contracts.orders import OrderConfirmed
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shared.runtime.telemetry import telemetry_of
from functions.shipping import domain, store


def on_order_confirmed(event: Event[OrderConfirmed]) -> Appended | None:
    """Hand the parcel to a carrier, and count the order as ended, unless it is synthetic."""
    appended = store.commit_shipment(domain.schedule(event.fact), cause=event.as_cause())
    if appended is not None and appended.is_new and not is_synthetic(event.fact.customer_id):
        telemetry_of("shipping").count_by("OrderEnded", outcome="shipped")
    return appended


REACTIONS: Reactions = {OrderConfirmed: on_order_confirmed}

handle = consumer("shipping", REACTIONS, store=event_log)
