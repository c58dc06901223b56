"""Project one fact into the read model, from the queue or from the event log."""

from datetime import UTC, datetime

from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Event
from functions.views import domain
from functions.views.store import ReadModel


def project(event: Event[OrderFact], model: ReadModel) -> None:
    """Write all that the fact adds; a retry completes a partial write."""
    fact, at = event.fact, iso_utc(event.time)
    placed = domain.placed(fact) if isinstance(fact, OrderCreated) else None
    progress = model.add_step(fact.order_id, domain.MILESTONES[type(fact)], domain.step(fact, at), placed)
    if isinstance(fact, OrderCreated):
        # Write the row of the order first: every listed order can be shown.
        model.list_order(fact.customer.id, at=at, order_id=fact.order_id)
    if isinstance(fact, OrderCreated | ShipmentScheduled):
        model.sell(domain.sales(progress))


def iso_utc(time: datetime) -> str:
    """Return the time in UTC at a fixed length, so that text sorts by time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
