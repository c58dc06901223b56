"""All facts of the domain, and its names; the variable `CONTRACTS` points here."""

from uuid import UUID

from functions.contracts import facts
from functions.shared.contracts.domain_contracts import DomainContracts, facts_in

CONTRACTS = DomainContracts(
    name="Booking",
    urn="urn:booking",
    id_namespace=UUID("0c6f4c9e-2f57-5d0c-9f0e-5f1f2c1c7a11"),
    facts=facts_in(facts),
    log_field="booking_id",
    log_type=facts.BookingId,
)
