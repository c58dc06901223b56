"""List new orders by customer, and shipped ones by day.

The projection decides and publishes nothing, and its writes are idempotent. The service needs no record of
what it has seen, so a replay projects again.
"""

from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Event
from functions.shared.runtime.consumer import Reactions, consumer
from functions.views.projection import row_of
from functions.views.rows_of_batch import rows_of_batch


def on_order_created(event: Event[OrderCreated]) -> None:
    """List the order."""
    _add(event)


def on_shipment_scheduled(event: Event[ShipmentScheduled]) -> None:
    """Sell the order, unless it is synthetic."""
    _add(event)


def _add(event: Event[OrderFact]) -> None:
    rows = rows_of_batch()
    if row := row_of(event, rows.model):
        rows.add(row)


REACTIONS: Reactions = {
    OrderCreated: on_order_created,
    ShipmentScheduled: on_shipment_scheduled,
}

handle = consumer("views", REACTIONS, store=rows_of_batch)
