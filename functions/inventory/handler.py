"""Inventory's reactions: reserve orders, release cancelled ones, add deliveries."""

from functions.contracts.inventory import InventoryReserved
from functions.contracts.orders import OrderCancelled, OrderCreated
from functions.contracts.warehouse import StockReplenished
from functions.inventory import domain, store
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer


def on_order_created(event: Event[OrderCreated]) -> Appended:
    """Reserve all lines, or reject the order."""
    try:
        return store.commit_reservation(domain.reserve(event.fact), cause=event.as_cause())
    except store.OutOfStockError as short:
        return store.commit_rejection(domain.reject(event.fact, short.skus), cause=event.as_cause())


def on_order_cancelled(event: Event[OrderCancelled]) -> Appended | None:
    """Release the reservation, or prevent a later one."""
    order_id = event.fact.order_id
    decided, appended = store.reservation_of(order_id), None
    if decided is None:
        appended = store.commit_rejection(domain.refuse(order_id), cause=event.as_cause())
        decided = appended.event.fact
    if isinstance(decided, InventoryReserved):
        return store.commit_release(domain.release(decided), cause=event.as_cause())
    return appended


def on_stock_replenished(event: Event[StockReplenished]) -> Appended:
    """Add a delivery once; reject the same id with other lines."""
    added = domain.add(event.fact, event.party)
    appended = store.commit_addition(added, cause=event.as_cause())
    if appended.event.fact != added:
        raise Rejected("id_collision", "the replenishment's id stands for other lines")
    return appended


REACTIONS: Reactions = {
    OrderCreated: on_order_created,
    OrderCancelled: on_order_cancelled,
    StockReplenished: on_stock_replenished,
}

handle = consumer("inventory", REACTIONS, store=event_log)
