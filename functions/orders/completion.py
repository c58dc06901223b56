"""The end of an order, cancelled or shipped: committed and counted once, by every function of orders."""

from functions.contracts.orders import CancellationReason
from functions.orders import domain, store
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.event_log import Appended
from functions.shared.runtime.telemetry import telemetry_of


def cancel(order_id: str, reason: CancellationReason, *, cause: Cause) -> Appended | None:
    """Cancel the order; return None if there is nothing to cancel.

    Raises:
        UnknownOrderError: the order does not exist, or not yet.
        AlreadyShippedError: the cancellation is requested, and the shipment was scheduled first.
        RefusedError: another decision was committed meanwhile; a retry is safe.
    """
    order = store.load(order_id)
    cancelled = domain.cancel(order, reason)
    if cancelled is None:
        return None
    appended = store.commit(cancelled, order, cause=cause)
    if appended.is_new:
        _count(reason)
    return appended


def mark_shipped(order_id: str) -> None:
    """Mark the confirmed order as shipped. Raise as `store.mark_shipped` does."""
    if store.mark_shipped(order_id):
        _count("shipped")


def _count(outcome: str) -> None:
    telemetry_of("orders").count_by("OrderEnded", outcome=outcome)
