"""Calling an order back: whoever asks for it, and however far it has come, as long as it is not shipped."""

from functions.contracts.orders import CancellationReason
from functions.orders import domain, store
from functions.orders.endings import end
from functions.shared.contracts.envelope import Cause, Event
from functions.shared.contracts.fact import Fact
from functions.shared.event_store.event_log import Appended, event_log


def creation_of(order_id: str) -> Event[Fact] | None:
    """The event that created the order, if there is one."""
    return event_log().recorded(order_id, store.CREATION)


def call_back(order_id: str, reason: CancellationReason, *, cause: Cause) -> Appended | None:
    """Cancel the order; returns None where it was cancelled before.

    Raises:
        AlreadyShippedError: its shipment was scheduled first.
        RefusedError: something else was decided on it meanwhile; asking again is safe.
    """
    order = store.load(order_id)
    if order.status is domain.Status.SHIPPED:
        raise store.AlreadyShippedError("it is on its way")
    cancelled = domain.cancel(order, reason)
    return None if cancelled is None else end(cancelled, order, cause=cause)
