"""Reactions of rooms: hold a room for each request, and release it if the payment is declined."""

from functions.contracts.facts import BookingRequested, PaymentDeclined
from functions.rooms import store
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer


def on_booking_requested(event: Event[BookingRequested]) -> Appended:
    """Hold a room."""
    return store.hold(event.fact, cause=event.as_cause())


def on_payment_declined(event: Event[PaymentDeclined]) -> Appended:
    """Release the room: the compensation."""
    return store.release(event.fact, cause=event.as_cause())


REACTIONS: Reactions = {BookingRequested: on_booking_requested, PaymentDeclined: on_payment_declined}

handle = consumer("rooms", REACTIONS, store=event_log)
