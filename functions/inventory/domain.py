"""Decisions of inventory."""

from collections.abc import Sequence

import msgspec

from functions.contracts.heartbeat import check_lines
from functions.contracts.inventory import (
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    StockAdded,
    StockRanLow,
)
from functions.contracts.orders import OrderCreated
from functions.contracts.values import Line
from functions.contracts.warehouse import StockReplenished
from functions.shared.contracts.party import scoped


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """The stock of a SKU, its reorder level, and its number of replenishments."""

    available: int
    reorder_level: int
    replenishments: int

    @property
    def is_low(self) -> bool:
        """Whether it is time to reorder."""
        return self.available <= self.reorder_level


def reserve(order: OrderCreated) -> InventoryReserved:
    """Return the reservation of all lines."""
    return InventoryReserved(
        order_id=order.order_id,
        lines=tuple(Line(sku=line.sku, quantity=line.quantity) for line in order.lines),
        total=order.total,
        payment_method=order.payment_method,
    )


def reject(order: OrderCreated, short: Sequence[str]) -> InventoryRejected:
    """Return the rejection of an order for SKUs that are out of stock."""
    return InventoryRejected(order_id=order.order_id, reason="out_of_stock", skus=tuple(short))


def refuse(order_id: str) -> InventoryRejected:
    """Return the tombstone that a cancellation leaves if it arrives before the reservation."""
    return InventoryRejected(order_id=order_id, reason="order_cancelled", skus=())


def release(reserved: InventoryReserved) -> InventoryReleased:
    """Return the release of all reserved lines."""
    return InventoryReleased(order_id=reserved.order_id, lines=reserved.lines)


def add(delivery: StockReplenished, party: str = "") -> StockAdded:
    """Return the stock added, under the id of the delivery within its party.

    Raises:
        Rejected: the lines are not the party's to deliver.
    """
    check_lines(delivery.lines, party)
    return StockAdded(replenishment_id=scoped(party, delivery.replenishment_id), lines=delivery.lines)


def ran_low(sku: str, before: Level | None, now: Level | None) -> StockRanLow | None:
    """Return that the SKU became low, or is still low after a replenishment."""
    if now is None or not now.is_low:
        return None
    if before is not None and before.is_low and before.replenishments == now.replenishments:
        return None
    return StockRanLow(
        sku=sku,
        available=now.available,
        reorder_level=now.reorder_level,
        replenishments=now.replenishments,
    )
