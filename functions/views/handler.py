"""List new orders by customer, and shipped ones by day.

The projection decides and publishes nothing, and its writes are idempotent. The service needs no record of
what it has seen, so a replay projects again. The consumer requires a store; this one never uses it.
"""

from functions.contracts.orders import OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shared.runtime.environment import required
from functions.views.projection import project
from functions.views.store import ReadModel, Tables


def read_model() -> ReadModel:
    """Return the tables of this deployment."""
    tables = Tables(
        listings=required("LISTINGS_TABLE"),
        sales=required("SALES_TABLE"),
    )
    return ReadModel(dynamodb(), tables)


def on_order_created(event: Event[OrderCreated]) -> None:
    """List the order."""
    project(event, read_model())


def on_shipment_scheduled(event: Event[ShipmentScheduled]) -> None:
    """Sell the order."""
    project(event, read_model())


REACTIONS: Reactions = {
    OrderCreated: on_order_created,
    ShipmentScheduled: on_shipment_scheduled,
}

handle = consumer("views", REACTIONS, store=event_log)
