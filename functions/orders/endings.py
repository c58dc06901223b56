"""How orders go well or come to an end, counted: once an order, whichever function ends it."""

from functions.contracts.orders import OrderCancelled
from functions.orders import store
from functions.orders.domain import Order
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.event_log import Appended
from functions.shared.runtime.telemetry import telemetry_of


def end(cancelled: OrderCancelled, order: Order, *, cause: Cause) -> Appended:
    """Cancel the order; returns the decision that stands. Raises as `store.commit` does."""
    appended = store.commit(cancelled, order, cause=cause)
    if appended.is_new:
        _count(cancelled.reason)
    return appended


def note_shipment(order_id: str) -> None:
    """Note that its parcel is under way. Raises as `store.mark_shipped` does."""
    if store.mark_shipped(order_id):
        _count("shipped")


def count_sale(order: Order) -> None:
    """What the order brings in, in the minor unit of its currency."""
    total = order.created.total
    telemetry_of("orders").count_by("Revenue", total.amount, currency=total.currency)


def _count(ending: str) -> None:
    """One metric for each ending, whichever function counts."""
    telemetry_of("orders").count_by("OrderEnded", ending=ending)
