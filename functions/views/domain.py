"""Views of an order: its steps, folded from its events when they are read, and its sales."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from functions.contracts.inventory import InventoryReleased, InventoryReserved
from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.values import Currency, Money, PricedLine


class Milestone(StrEnum):
    """Steps of an order."""

    CREATED = "created"
    RESERVED = "reserved"
    RELEASED = "released"
    PAID = "paid"
    DECLINED = "declined"
    REFUNDED = "refunded"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"


MILESTONES: Mapping[type[OrderFact], Milestone] = {
    OrderCreated: Milestone.CREATED,
    InventoryReserved: Milestone.RESERVED,
    InventoryReleased: Milestone.RELEASED,
    PaymentProcessed: Milestone.PAID,
    PaymentDeclined: Milestone.DECLINED,
    PaymentRefunded: Milestone.REFUNDED,
    OrderConfirmed: Milestone.CONFIRMED,
    OrderCancelled: Milestone.CANCELLED,
    ShipmentScheduled: Milestone.SHIPPED,
}
"""The milestone of each fact that the list of orders shows."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step and its time in UTC, as text that sorts; `detail` is a reason or a number."""

    at: str
    detail: str | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of an order, without its customer and address."""

    lines: tuple[PricedLine, ...]
    total: Money


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """The known steps of an order; `placed` is None until `OrderCreated` arrives."""

    order_id: str
    placed: Placed | None
    steps: Mapping[Milestone, Step]


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of one shipped order."""

    sku: str
    units: int
    revenue: Money


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """Sales of one SKU in one currency."""

    sku: str
    currency: Currency
    units: int
    revenue: int


def step(fact: OrderFact, at: str) -> Step:
    """Return the step of the fact."""
    match fact:
        case OrderCancelled() | PaymentDeclined():
            return Step(at=at, detail=fact.reason)
        case ShipmentScheduled():
            return Step(at=at, detail=fact.tracking_number)
        case _:
            return Step(at=at)


def placed(created: OrderCreated) -> Placed:
    """Return the contents of an order."""
    return Placed(lines=created.lines, total=created.total)


def status(progress: Progress) -> Milestone:
    """Return the furthest step; a cancellation ends the order regardless of later events."""
    reached = (Milestone.CANCELLED, Milestone.SHIPPED, Milestone.CONFIRMED)
    return next((milestone for milestone in reached if milestone in progress.steps), Milestone.CREATED)


def payment(progress: Progress) -> Milestone | None:
    """Return the state of the payment: refunded, paid or declined; only paid orders are shipped."""
    if Milestone.SHIPPED in progress.steps:
        return Milestone.PAID
    reached = (Milestone.REFUNDED, Milestone.PAID, Milestone.DECLINED)
    return next((milestone for milestone in reached if milestone in progress.steps), None)


def updated_at(progress: Progress) -> str:
    """Return the time of the latest step."""
    return max(step.at for step in progress.steps.values())


def sales(created: OrderCreated) -> tuple[Sale, ...]:
    """Return what a shipped order sold. It cannot be cancelled, so a sale never changes."""
    currency = created.total.currency
    return tuple(
        Sale(
            sku=line.sku,
            units=line.quantity,
            revenue=Money(amount=line.quantity * line.unit_price, currency=currency),
        )
        for line in created.lines
    )


def totals(sold: Iterable[Sale]) -> list[Total]:
    """Sum the sales by SKU and currency."""
    sums: dict[tuple[str, Currency], tuple[int, int]] = {}
    for sale in sold:
        units, revenue = sums.get((sale.sku, sale.revenue.currency), (0, 0))
        sums[sale.sku, sale.revenue.currency] = (units + sale.units, revenue + sale.revenue.amount)
    return [
        Total(sku=sku, currency=currency, units=units, revenue=revenue)
        for (sku, currency), (units, revenue) in sorted(sums.items())
    ]
