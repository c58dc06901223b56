"""Project one fact into the read model, from the queue or from the event log."""

from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Event
from functions.views.history import iso_utc
from functions.views.store import ReadModel

PROJECTED: tuple[type[OrderFact], ...] = (OrderCreated, ShipmentScheduled)
"""The facts that add a row."""


def project(event: Event[OrderFact], model: ReadModel) -> None:
    """Write the row that the fact adds; repeating it writes the same row."""
    fact, at = event.fact, iso_utc(event.time)
    match fact:
        case OrderCreated():
            model.list_order(fact.customer_id, at=at, order_id=fact.order_id)
        case ShipmentScheduled():
            model.sell(fact.order_id, day=at.partition("T")[0])
