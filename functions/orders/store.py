"""Orders in the event log, which alone has the status of an order.

An order is confirmed or cancelled: both take the decision `confirmation`, so the first one wins. A confirmed
order may be cancelled later, under a decision of its own, unless its shipment was scheduled first
(docs/decisions/0043-an-order-is-its-events.md).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.orders import waiting
from functions.orders.domain import AlreadyShippedError
from functions.orders.placements import TooManyOrdersError, counted, make_room, usual_room
from functions.shared.contracts.envelope import Cause, Event
from functions.shared.contracts.fact import Fact
from functions.shared.event_store.claims import claim
from functions.shared.event_store.event_log import Appended, RefusedError, event_log
from functions.shared.runtime.failure import NotYetError

CREATION = (OrderCreated.owner, OrderCreated.decision)
SHIPMENT = (ShipmentScheduled.owner, ShipmentScheduled.decision)
CANCELLATIONS = tuple((fact.owner, fact.decision) for fact in (OrderConfirmed, OrderCancelled))
"""The decisions under which an order may be cancelled."""
ATTEMPTS = 4
"""To count an order: the row is full, and then other orders of the customer may take the room."""


class UnknownOrderError(NotYetError):
    """The order does not exist, or not yet."""


def creation_of(order_id: str) -> Event[Fact] | None:
    """Return the event that created the order, or None."""
    return event_log().recorded(order_id, CREATION)


def load(order_id: str) -> Event[OrderCreated]:
    """Return the event that created the order; raise `UnknownOrderError` if there is none."""
    created = creation_of(order_id)
    if created is None:
        raise UnknownOrderError("no such order yet")
    return cast("Event[OrderCreated]", created)


def commit_creation(
    order: OrderCreated, *, cause: Cause, now: datetime | None = None, limited: bool = False
) -> Appended:
    """Create the order; return the event recorded for its id, which may be an earlier one.

    Raises:
        TooManyOrdersError: the order is `limited`, and its customer has reached a limit.
    """
    time = now or datetime.now(UTC)
    waits = waiting.since(order.order_id, time)
    if not limited:
        return event_log().append(order, cause=cause, changes=[waits])
    room = usual_room()
    for _ in range(ATTEMPTS):
        count = counted(order.order_id, order.customer_id, time, room=room)
        try:
            return event_log().append(order, cause=cause, changes=[waits, count])
        except RefusedError:
            room = make_room(order.customer_id, time, ended=ended)
    raise TooManyOrdersError(1, detail="your orders arrive at the same time; send one after the other")


def commit_confirmation(confirmed: OrderConfirmed, *, cause: Cause) -> Appended:
    """Confirm the order; return the decision on record, which may be its cancellation."""
    return event_log().append(confirmed, cause=cause)


def commit_cancellation_of_unconfirmed(cancelled: OrderCancelled, *, cause: Cause) -> Appended:
    """Cancel the order instead of confirming it; return the decision on record."""
    return event_log().append(cancelled, cause=cause, instead_of=OrderConfirmed)


def commit_cancellation_of_confirmed(cancelled: OrderCancelled, *, cause: Cause) -> Appended:
    """Cancel a confirmed order; raise `AlreadyShippedError` if its shipment was scheduled first."""
    unshipped = claim(cancelled.order_id, owner=cancelled.owner)
    try:
        return event_log().append(cancelled, cause=cause, changes=[unshipped])
    except RefusedError as refused:
        raise AlreadyShippedError("its shipment was scheduled first") from refused


def ended(order_ids: Sequence[str]) -> set[str]:
    """Return those of the orders that are shipped or cancelled."""
    shipped = {
        order_id for order_id, events in event_log().histories(order_ids, [SHIPMENT]).items() if events
    }
    others = [order_id for order_id in order_ids if order_id not in shipped]
    return shipped | {
        order_id
        for order_id, events in event_log().histories(others, CANCELLATIONS).items()
        if any(isinstance(event.fact, OrderCancelled) for event in events)
    }
