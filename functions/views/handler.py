"""Views' reactions: each fact adds what it knows to the read model.

Views decides nothing and states nothing, and its writes are the same however often: nothing needs to be
remembered of them, so that a replay projects again. The event log as their store is asked for nothing.
"""

from functions.contracts.inventory import InventoryReleased, InventoryReserved
from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shared.runtime.environment import required
from functions.views.projection import project
from functions.views.store import ReadModel, Tables


def read_model() -> ReadModel:
    """The tables of this deployment."""
    tables = Tables(
        progress=required("PROGRESS_TABLE"),
        listings=required("LISTINGS_TABLE"),
        sales=required("SALES_TABLE"),
    )
    return ReadModel(dynamodb(), tables)


def on_order_created(event: Event[OrderCreated]) -> None:
    """Put the order on its customer's list, and its lines among the sales if it was shipped already."""
    project(event, read_model())


def on_inventory_reserved(event: Event[InventoryReserved]) -> None:
    """Note that the goods are set aside."""
    project(event, read_model())


def on_inventory_released(event: Event[InventoryReleased]) -> None:
    """Note that the goods are for sale again."""
    project(event, read_model())


def on_payment_processed(event: Event[PaymentProcessed]) -> None:
    """Note that the order is paid."""
    project(event, read_model())


def on_payment_declined(event: Event[PaymentDeclined]) -> None:
    """Note that it cannot be paid, and why."""
    project(event, read_model())


def on_payment_refunded(event: Event[PaymentRefunded]) -> None:
    """Note that the money was given back."""
    project(event, read_model())


def on_order_confirmed(event: Event[OrderConfirmed]) -> None:
    """Note that the order will be carried out."""
    project(event, read_model())


def on_order_cancelled(event: Event[OrderCancelled]) -> None:
    """Note that the order will not be carried out, and why."""
    project(event, read_model())


def on_shipment_scheduled(event: Event[ShipmentScheduled]) -> None:
    """Note the parcel, and put the order's lines among the sales of the day."""
    project(event, read_model())


REACTIONS: Reactions = {
    OrderCreated: on_order_created,
    InventoryReserved: on_inventory_reserved,
    InventoryReleased: on_inventory_released,
    PaymentProcessed: on_payment_processed,
    PaymentDeclined: on_payment_declined,
    PaymentRefunded: on_payment_refunded,
    OrderConfirmed: on_order_confirmed,
    OrderCancelled: on_order_cancelled,
    ShipmentScheduled: on_shipment_scheduled,
}

handle = consumer("views", REACTIONS, store=event_log)
