"""The rooms table: how many rooms of each type are vacant."""

from functions.contracts.facts import (
    BookingRequested,
    PaymentDeclined,
    RoomHeld,
    RoomReleased,
    RoomUnavailable,
)
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.attributes import number, texts
from functions.shared.event_store.event_log import Appended, Change, RefusedError, event_log
from functions.shared.runtime.environment import required


def hold(request: BookingRequested, *, cause: Cause) -> Appended:
    """Take a room and publish that it is held; publish `RoomUnavailable` if none is free."""
    held = RoomHeld(
        booking_id=request.booking_id,
        room_type=request.room_type,
        amount_minor=request.amount_minor,
        payment_method=request.payment_method,
    )
    try:
        return event_log().append(held, cause=cause, changes=[_vacancies(request.room_type, -1)])
    except RefusedError:
        full = RoomUnavailable(booking_id=request.booking_id, room_type=request.room_type)
        return event_log().append(full, cause=cause)


def release(declined: PaymentDeclined, *, cause: Cause) -> Appended:
    """Give the room back, once."""
    released = RoomReleased(booking_id=declined.booking_id, room_type=declined.room_type)
    return event_log().append(released, cause=cause, changes=[_vacancies(declined.room_type, +1)])


def _vacancies(room_type: str, difference: int) -> Change:
    """Return the change of the number of free rooms; it fails if there would be less than none."""
    return {
        "Update": {
            "TableName": required("ROOMS_TABLE"),
            "Key": texts(room_type=room_type),
            "UpdateExpression": "ADD vacant :difference",
            "ConditionExpression": "vacant >= :least",
            "ExpressionAttributeValues": {
                ":difference": number(difference),
                ":least": number(max(0, -difference)),
            },
        }
    }
