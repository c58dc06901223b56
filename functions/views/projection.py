"""From one fact to the read model: the same for one that comes by queue and one read again from the log."""

from datetime import UTC, datetime

from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Event
from functions.views import domain
from functions.views.store import ReadModel


def project(event: Event[OrderFact], model: ReadModel) -> None:
    """Write down all that the fact adds; whatever is cut off half-way is written when it comes again."""
    fact, at = event.fact, moment(event.time)
    placed = domain.placed(fact) if isinstance(fact, OrderCreated) else None
    progress = model.note(fact.order_id, domain.MARKS[type(fact)], domain.step(fact, at), placed)
    if isinstance(fact, OrderCreated):
        # After the order's own row, so that nothing is ever listed that could not be shown.
        model.list_order(fact.customer.id, at=at, order_id=fact.order_id)
    if isinstance(fact, OrderCreated | ShipmentScheduled):
        model.sell(domain.sales(progress))


def moment(time: datetime) -> str:
    """In UTC and always of the same length, so that later is greater as text too."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
