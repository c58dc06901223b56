"""What inventory decides, given what it is told."""

from collections.abc import Sequence

import msgspec

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
    """How much of an article is for sale, how little calls for more, and how often more has come."""

    available: int
    reorder_level: int
    replenishments: int

    @property
    def is_low(self) -> bool:
        """Whether it is time to reorder."""
        return self.available <= self.reorder_level


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


def add(delivery: StockReplenished, party: str = "") -> StockAdded:
    """All that came in, under the id that it has for the party that published it."""
    return StockAdded(replenishment_id=scoped(party, delivery.replenishment_id), lines=delivery.lines)


def ran_low(sku: str, before: Level | None, now: Level | None) -> StockRanLow | None:
    """That the article is low now and was not, or is still low after it was replenished."""
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
