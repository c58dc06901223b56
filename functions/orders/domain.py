"""What orders decides, given what it is told."""

import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from functions.contracts.orders import (
    CancellationReason,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
)
from functions.contracts.storefront import CheckoutCompleted
from functions.contracts.values import NAMESPACE, Currency, Customer, Line, Money, PricedLine
from functions.shared.contracts.normal_form import compatible
from functions.shared.contracts.party import customer_of

CALLS_BACK: frozenset[CancellationReason] = frozenset({"customer_request", "timed_out", "fraud_suspected"})
"""Reasons that hold even where an order is reserved and paid; the others say that it never will be."""


class Status(StrEnum):
    """How far an order is."""

    CREATED = "created"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it stands; `version` grows by one with each change."""

    status: Status
    version: int
    created: OrderCreated


def order_id(customer_id: str, idempotency_key: str) -> str:
    """The order a customer means by a key: the same through either door, however often it is asked for."""
    return str(uuid.uuid5(NAMESPACE, f"order|{customer_id}|{idempotency_key}"))


def create_from(checkout: CheckoutCompleted, party: str = "") -> OrderCreated:
    """Return the order that a partner's customer checked out, at the partner's prices.

    The customer belongs to the party that published the checkout, and the key to the customer.
    """
    customer = Customer(id=customer_of(party, checkout.customer.id), email=checkout.customer.email)
    return OrderCreated(
        order_id=order_id(customer.id, checkout.idempotency_key),
        customer=customer,
        ship_to=checkout.ship_to.as_address(),
        lines=checkout.lines,
        total=total_of(checkout.lines, checkout.currency),
        payment_method=checkout.payment_method,
    )


def total_of(lines: Sequence[PricedLine], currency: Currency) -> Money:
    """What the lines cost together."""
    return Money(amount=sum(line.quantity * line.unit_price for line in lines), currency=currency)


def same_wish(one: OrderCreated, other: OrderCreated) -> bool:
    """Whether two orders ask for the same; prices are ours to change, so they do not count."""
    return _wish(one) == _wish(other)


def _wish(order: OrderCreated) -> tuple[object, ...]:
    lines: Mapping[str, int] = {line.sku: line.quantity for line in order.lines}
    to = order.ship_to
    written = tuple(map(compatible, (to.name, to.street, to.city)))
    return order.customer, written, to.postal_code, to.country, order.payment_method, lines


def confirm(order: Order) -> OrderConfirmed | None:
    """An order that is paid is confirmed, unless it was cancelled first."""
    if order.status is not Status.CREATED:
        return None
    created = order.created
    return OrderConfirmed(
        order_id=created.order_id,
        customer_id=created.customer.id,
        ship_to=created.ship_to,
        lines=tuple(Line(sku=line.sku, quantity=line.quantity) for line in created.lines),
    )


def cancel(order: Order, reason: CancellationReason) -> OrderCancelled | None:
    """An open order is cancelled; one that is paid, only for a reason that calls it back."""
    called_back = order.status is Status.CONFIRMED and reason in CALLS_BACK
    if order.status is not Status.CREATED and not called_back:
        return None
    return OrderCancelled(
        order_id=order.created.order_id, customer_id=order.created.customer.id, reason=reason
    )
