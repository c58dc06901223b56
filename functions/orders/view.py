"""Responses about an order, built from its facts in the event log: a client reads its own writes."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeGuard

from msgspec import Struct

from functions.contracts.fraud import FraudSuspected
from functions.contracts.orders import CancellationReason, OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.values import Money, OrderId, PricedLine
from functions.orders.domain import OrderStatus
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.shared.runtime.api import json_response
from functions.shared.runtime.problem import ProblemError

REPLAYED_HEADER = "idempotent-replayed"


class OrderReference(Struct, frozen=True, kw_only=True):
    """The body of `POST /orders` and of its cancellation; `status_url` leads to the whole order."""

    order_id: OrderId
    status: OrderStatus
    status_url: str


class HistoryEntry(Struct, frozen=True):
    """One thing that happened to the order."""

    type: str
    time: datetime


class OrderView(Struct, frozen=True, omit_defaults=True):
    """The body of `GET /orders/{id}`."""

    order_id: OrderId
    status: OrderStatus
    lines: tuple[PricedLine, ...]
    total: Money
    history: tuple[HistoryEntry, ...]
    cancellation_reason: CancellationReason | None = None
    tracking_number: str | None = None


def order_reference(
    http_status: HTTPStatus, order_id: str, status: OrderStatus, *, is_new: bool
) -> dict[str, Any]:
    """Build the response; a repeated request gets the same one with the header `idempotent-replayed`."""
    reference = OrderReference(order_id=order_id, status=status, status_url=f"/orders/{order_id}")
    response = json_response(http_status, reference)
    if not is_new:
        response["headers"][REPLAYED_HEADER] = "true"
    return response


def view(history: Sequence[Event[Fact]], *, customer_id: str) -> OrderView:
    """Build the customer's view of the order.

    Raises:
        ProblemError: the order does not exist or belongs to another customer.
    """
    facts = {type(event.fact): event.fact for event in history}
    created = facts.get(OrderCreated)
    if not is_own(created, customer_id):
        raise order_not_found()
    cancelled, shipment = facts.get(OrderCancelled), facts.get(ShipmentScheduled)
    return OrderView(
        order_id=created.order_id,
        status=status_of(set(facts)),
        lines=created.lines,
        total=created.total,
        history=tuple(
            HistoryEntry(type(event.fact).__name__, event.time)
            for event in history
            if not isinstance(event.fact, FraudSuspected)  # kept from customers, who could learn to evade it
        ),
        cancellation_reason=cancelled.reason if isinstance(cancelled, OrderCancelled) else None,
        tracking_number=shipment.tracking_number if isinstance(shipment, ShipmentScheduled) else None,
    )


def is_own(created: Fact | None, customer_id: str) -> TypeGuard[OrderCreated]:
    """Return whether the order exists and belongs to the customer."""
    return isinstance(created, OrderCreated) and created.customer_id == customer_id


def order_not_found() -> ProblemError:
    """Return the problem for a missing order and for another customer's order: they look the same."""
    return ProblemError("order_not_found", "there is no such order of yours")


def status_of(facts: set[type[Fact]]) -> OrderStatus:
    """Return the latest status; a cancellation overrides every other fact."""
    reached = (
        (OrderCancelled, OrderStatus.CANCELLED),
        (ShipmentScheduled, OrderStatus.SHIPPED),
        (OrderConfirmed, OrderStatus.CONFIRMED),
    )
    return next((status for fact, status in reached if fact in facts), OrderStatus.CREATED)
