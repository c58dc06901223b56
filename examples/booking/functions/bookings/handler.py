"""The reaction of bookings: confirm a paid booking."""

from functions.contracts.facts import BookingConfirmed, PaymentTaken
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer


def on_payment_taken(event: Event[PaymentTaken]) -> Appended:
    """Confirm the booking."""
    return event_log().append(BookingConfirmed(booking_id=event.fact.booking_id), cause=event.as_cause())


REACTIONS: Reactions = {PaymentTaken: on_payment_taken}

handle = consumer("bookings", REACTIONS, store=event_log)
