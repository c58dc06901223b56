"""Cancellation of an order: committed and counted once, by every function of orders."""

from functions.contracts.heartbeat import is_synthetic
from functions.contracts.orders import CancellationReason, OrderCancelled, OrderCreated
from functions.orders import domain, store
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.event_log import Appended
from functions.shared.runtime.telemetry import telemetry_of


def cancel(created: OrderCreated, reason: CancellationReason, *, cause: Cause) -> Appended | None:
    """Cancel the order; return None if it is confirmed and the reason came too late.

    Raises:
        AlreadyShippedError: the cancellation is requested, and the shipment was scheduled first.
    """
    cancelled = domain.cancel(created, reason)
    appended = store.commit_cancellation_of_unconfirmed(cancelled, cause=cause)
    if not isinstance(appended.event.fact, OrderCancelled):
        if reason not in domain.CANCELLATION_REQUESTS:
            return None
        appended = store.commit_cancellation_of_confirmed(cancelled, cause=cause)
    if appended.is_new and not is_synthetic(created.customer_id):
        telemetry_of("orders").count_by("OrderEnded", outcome=reason)
    return appended
