"""What the read model makes of facts: each adds a value of its own, so that their order does not matter."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from functions.contracts.inventory import InventoryReleased, InventoryReserved
from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.values import Currency, Money, PricedLine


class Mark(StrEnum):
    """What is known to have happened to an order; each has an attribute of that name in its row."""

    CREATED = "created"
    RESERVED = "reserved"
    RELEASED = "released"
    PAID = "paid"
    DECLINED = "declined"
    REFUNDED = "refunded"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"


MARKS: Mapping[type[OrderFact], Mark] = {
    OrderCreated: Mark.CREATED,
    InventoryReserved: Mark.RESERVED,
    InventoryReleased: Mark.RELEASED,
    PaymentProcessed: Mark.PAID,
    PaymentDeclined: Mark.DECLINED,
    PaymentRefunded: Mark.REFUNDED,
    OrderConfirmed: Mark.CONFIRMED,
    OrderCancelled: Mark.CANCELLED,
    ShipmentScheduled: Mark.SHIPPED,
}
"""Every fact that is projected, and the mark it leaves."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """That something happened, and when: in UTC, as text that sorts; `detail` is a reason or a number."""

    at: str
    detail: str | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What was ordered, without who ordered it and where it goes."""

    lines: tuple[PricedLine, ...]
    total: Money


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """As much as is known of an order so far; `placed` is unknown where its creation has not come yet."""

    order_id: str
    placed: Placed | None
    steps: Mapping[Mark, Step]


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """One article of one shipped order."""

    day: str
    sku: str
    order_id: str
    units: int
    revenue: Money


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold of one article, for one currency."""

    sku: str
    currency: Currency
    units: int
    revenue: int


def step(fact: OrderFact, at: str) -> Step:
    """The step that the fact is."""
    match fact:
        case OrderCancelled() | PaymentDeclined():
            return Step(at=at, detail=fact.reason)
        case ShipmentScheduled():
            return Step(at=at, detail=fact.tracking_number)
        case _:
            return Step(at=at)


def placed(created: OrderCreated) -> Placed:
    """What of an order its customer and the sales want to know."""
    return Placed(lines=created.lines, total=created.total)


def status(progress: Progress) -> Mark:
    """The furthest the order has come; a cancellation ends it whatever else is still on its way."""
    reached = (Mark.CANCELLED, Mark.SHIPPED, Mark.CONFIRMED)
    return next((mark for mark in reached if mark in progress.steps), Mark.CREATED)


def payment(progress: Progress) -> Mark | None:
    """What became of the money so far: given back, taken, or not to be had."""
    reached = (Mark.REFUNDED, Mark.PAID, Mark.DECLINED)
    return next((mark for mark in reached if mark in progress.steps), None)


def updated_at(progress: Progress) -> str:
    """When the latest step was taken that is known."""
    return max(step.at for step in progress.steps.values())


def sales(progress: Progress) -> tuple[Sale, ...]:
    """What the order sold on the day it was shipped; nothing while its lines or its shipment are unknown.

    A shipped order cannot be called back, so that a sale once counted stays one.
    """
    shipped, known = progress.steps.get(Mark.SHIPPED), progress.placed
    if shipped is None or known is None:
        return ()
    day, currency = shipped.at.partition("T")[0], known.total.currency
    return tuple(
        Sale(
            day=day,
            sku=line.sku,
            order_id=progress.order_id,
            units=line.quantity,
            revenue=Money(amount=line.quantity * line.unit_price, currency=currency),
        )
        for line in known.lines
    )


def totals(sold: Iterable[Sale]) -> list[Total]:
    """The sales added up, by article and currency."""
    sums: dict[tuple[str, Currency], tuple[int, int]] = {}
    for sale in sold:
        units, revenue = sums.get((sale.sku, sale.revenue.currency), (0, 0))
        sums[sale.sku, sale.revenue.currency] = (units + sale.units, revenue + sale.revenue.amount)
    return [
        Total(sku=sku, currency=currency, units=units, revenue=revenue)
        for (sku, currency), (units, revenue) in sorted(sums.items())
    ]
