"""What inventory decides, given what it is told."""

from collections.abc import Sequence

from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.inventory import (
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    StockAdded,
)
from functions.shared.contracts.orders import OrderCreated
from functions.shared.contracts.values import Line
from functions.shared.contracts.warehouse import StockReplenished


def reserve(order: OrderCreated) -> InventoryReserved:
    """Everything the order asks for, if it is there."""
    return InventoryReserved(
        order_id=order.order_id,
        lines=tuple(Line(sku=line.sku, quantity=line.quantity) for line in order.lines),
        total=order.total,
        payment_method=order.payment_method,
    )


def reject(order: OrderCreated, short: Sequence[str]) -> InventoryRejected:
    """Nothing at all, since these articles are short."""
    return InventoryRejected(order_id=order.order_id, reason="out_of_stock", skus=tuple(short))


def refuse(order_id: str) -> InventoryRejected:
    """A cancellation that comes before the reservation takes its place: the tombstone of what never was."""
    return InventoryRejected(order_id=order_id, reason="order_cancelled", skus=())


def release(reserved: InventoryReserved) -> InventoryReleased:
    """All that was set aside, and nothing more."""
    return InventoryReleased(order_id=reserved.order_id, lines=reserved.lines)


def add(delivery: StockReplenished) -> StockAdded:
    """All that came in; raises `Rejected` where an article stands in two lines."""
    if len({line.sku for line in delivery.lines}) < len(delivery.lines):
        raise Rejected("duplicate_sku", "an article stands in two lines")
    return StockAdded(replenishment_id=delivery.replenishment_id, lines=delivery.lines)
