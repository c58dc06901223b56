"""Reactions of bookings: confirm a paid booking, and cancel one that gets no room or no payment."""

from functions.contracts.facts import (
    BookingCancelled,
    BookingConfirmed,
    PaymentTaken,
    RoomReleased,
    RoomUnavailable,
)
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer


def on_payment_taken(event: Event[PaymentTaken]) -> Appended:
    """Confirm the booking."""
    return event_log().append(BookingConfirmed(booking_id=event.fact.booking_id), cause=event.as_cause())


def on_no_room(event: Event[RoomUnavailable | RoomReleased]) -> Appended:
    """Cancel the booking: no room was free, or the payment was declined and the room is free again."""
    return event_log().append(BookingCancelled(booking_id=event.fact.booking_id), cause=event.as_cause())


REACTIONS: Reactions = {
    PaymentTaken: on_payment_taken,
    RoomUnavailable: on_no_room,
    RoomReleased: on_no_room,
}

handle = consumer("bookings", REACTIONS, store=event_log)
