"""The facts of a hotel booking, from the request to the confirmation."""

from typing import Annotated, ClassVar

from msgspec import Meta

from functions.shared.contracts.fact import Fact, PublishedFact

BookingId = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\n)$")]
RoomType = Annotated[str, Meta(pattern=r"^[a-z]{1,20}(?!\n)$")]
AmountMinor = Annotated[int, Meta(ge=1, le=1_000_000)]
PaymentMethod = Annotated[str, Meta(pattern=r"^pm_[A-Za-z0-9_]{1,60}(?!\n)$")]


class BookingRequested(Fact, frozen=True, kw_only=True):
    """A guest asked for a room on the website."""

    owner: ClassVar[str] = "website"

    booking_id: BookingId
    room_type: RoomType
    amount_minor: AmountMinor
    payment_method: PaymentMethod


class BookingFact(PublishedFact, frozen=True, kw_only=True):
    """A decision on one booking."""

    about: ClassVar[str] = "booking_id"

    booking_id: BookingId


class RoomHeld(BookingFact, frozen=True, kw_only=True):
    """A room is kept for the guest until the payment is known."""

    owner: ClassVar[str] = "rooms"
    decision: ClassVar[str] = "hold"

    room_type: RoomType
    amount_minor: AmountMinor
    payment_method: PaymentMethod


class RoomUnavailable(BookingFact, frozen=True, kw_only=True):
    """No room of the type is free; it excludes `RoomHeld`, because both are the decision `hold`."""

    owner: ClassVar[str] = "rooms"
    decision: ClassVar[str] = "hold"

    room_type: RoomType


class RoomReleased(BookingFact, frozen=True, kw_only=True):
    """The room that was held is free again."""

    owner: ClassVar[str] = "rooms"
    decision: ClassVar[str] = "release"

    room_type: RoomType


class PaymentTaken(BookingFact, frozen=True, kw_only=True):
    """The booking is paid."""

    owner: ClassVar[str] = "payments"
    decision: ClassVar[str] = "payment"

    amount_minor: AmountMinor


class PaymentDeclined(BookingFact, frozen=True, kw_only=True):
    """The guest's card was declined."""

    owner: ClassVar[str] = "payments"
    decision: ClassVar[str] = "payment"

    room_type: RoomType


class BookingConfirmed(BookingFact, frozen=True, kw_only=True):
    """The room is the guest's."""

    owner: ClassVar[str] = "bookings"
    decision: ClassVar[str] = "outcome"


class BookingCancelled(BookingFact, frozen=True, kw_only=True):
    """The guest gets no room; it excludes `BookingConfirmed`, because both are the decision `outcome`."""

    owner: ClassVar[str] = "bookings"
    decision: ClassVar[str] = "outcome"
