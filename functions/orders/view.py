"""What a customer sees of an order: folded from the facts, so that every client reads its own writes."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from functions.contracts.fraud import FraudSuspected
from functions.contracts.orders import CancellationReason, OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.values import Money, OrderId, PricedLine
from functions.orders.domain import Status
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.shared.runtime.problem import ProblemError


class Step(Struct, frozen=True):
    """One thing that happened to the order."""

    type: str
    time: datetime


class OrderView(Struct, frozen=True, omit_defaults=True):
    """The body of `GET /orders/{id}`."""

    order_id: OrderId
    status: Status
    lines: tuple[PricedLine, ...]
    total: Money
    history: tuple[Step, ...]
    cancellation_reason: CancellationReason | None = None
    tracking_number: str | None = None


def view(history: Sequence[Event[Fact]], *, customer_id: str) -> OrderView:
    """The order as its facts tell it; another customer's order is not there."""
    facts = {type(event.fact): event.fact for event in history}
    created = facts.get(OrderCreated)
    if not isinstance(created, OrderCreated) or created.customer.id != customer_id:
        raise ProblemError("order_not_found", "there is no such order of yours")
    cancelled, shipment = facts.get(OrderCancelled), facts.get(ShipmentScheduled)
    return OrderView(
        order_id=created.order_id,
        status=_status(set(facts)),
        lines=created.lines,
        total=created.total,
        history=tuple(
            Step(type(event.fact).__name__, event.time)
            for event in history
            if not isinstance(event.fact, FraudSuspected)  # ours to know: it would teach what to avoid
        ),
        cancellation_reason=cancelled.reason if isinstance(cancelled, OrderCancelled) else None,
        tracking_number=shipment.tracking_number if isinstance(shipment, ShipmentScheduled) else None,
    )


def _status(facts: set[type[Fact]]) -> Status:
    """The furthest an order has come; a cancellation ends it whatever else is still on its way."""
    reached = (
        (OrderCancelled, Status.CANCELLED),
        (ShipmentScheduled, Status.SHIPPED),
        (OrderConfirmed, Status.CONFIRMED),
    )
    return next((status for fact, status in reached if fact in facts), Status.CREATED)
