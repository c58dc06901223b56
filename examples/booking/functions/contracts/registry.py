"""All facts of the domain, and its names; the variable `CONTRACTS` points here."""

from uuid import UUID

from functions.contracts.facts import (
    BookingCancelled,
    BookingConfirmed,
    BookingId,
    BookingRequested,
    PaymentDeclined,
    PaymentTaken,
    RoomHeld,
    RoomReleased,
    RoomUnavailable,
)
from functions.shared.contracts.domain_contracts import DomainContracts

FACTS = (
    BookingRequested,
    RoomHeld,
    RoomUnavailable,
    RoomReleased,
    PaymentTaken,
    PaymentDeclined,
    BookingConfirmed,
    BookingCancelled,
)

CONTRACTS = DomainContracts(
    name="Booking",
    urn="urn:booking",
    id_namespace=UUID("0c6f4c9e-2f57-5d0c-9f0e-5f1f2c1c7a11"),
    facts={fact.__name__: fact for fact in FACTS},
    log_field="booking_id",
    log_type=BookingId,
)
