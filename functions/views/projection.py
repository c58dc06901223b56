"""Project facts into rows of the read model, from the queue or from the event log."""

from functions.contracts import heartbeat
from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Event
from functions.views.history import iso_utc
from functions.views.store import ReadModel, ViewRow

PROJECTED: tuple[type[OrderFact], ...] = (OrderCreated, ShipmentScheduled)
"""The facts that add a row."""


def row_of(event: Event[OrderFact], model: ReadModel) -> ViewRow | None:
    """Return the row that the fact adds, or None for a synthetic order, which is no sale.

    Raises:
        TypeError: the fact never adds a row.
    """
    fact, at = event.fact, iso_utc(event.time)
    match fact:
        case OrderCreated():
            return model.listed(fact.customer_id, at=at, order_id=fact.order_id)
        case ShipmentScheduled(carrier=heartbeat.NO_CARRIER):
            return None
        case ShipmentScheduled():
            return model.sold(fact.order_id, day=at.partition("T")[0])
    raise TypeError(f"{type(fact).__name__} adds no row")
