"""The reaction of payments: charge the guest once a room is held."""

from functions.contracts.facts import PaymentDeclined, PaymentTaken, RoomHeld
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer

DECLINED = "pm_declined"
"""A test card; a real gateway belongs here, with an idempotency key (see Orderbus's payments)."""


def on_room_held(event: Event[RoomHeld]) -> Appended:
    """Charge the guest."""
    held = event.fact
    outcome = (
        PaymentDeclined(booking_id=held.booking_id, room_type=held.room_type)
        if held.payment_method == DECLINED
        else PaymentTaken(booking_id=held.booking_id, amount_minor=held.amount_minor)
    )
    return event_log().append(outcome, cause=event.as_cause())


REACTIONS: Reactions = {RoomHeld: on_room_held}

handle = consumer("payments", REACTIONS, store=event_log)
