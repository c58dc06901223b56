"""Decisions about an order: create, confirm and cancel."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from functions.contracts.heartbeat import check_lines
from functions.contracts.orders import (
    CancellationReason,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
)
from functions.contracts.storefront import CheckoutCompleted
from functions.contracts.values import (
    Address,
    Currency,
    Email,
    GiftMessage,
    Line,
    Money,
    PaymentMethod,
    PricedLine,
    order_id_of,
)
from functions.shared.contracts.normal_form import compatible
from functions.shared.contracts.party import CustomerId, customer_of

CANCELLATION_REQUESTS: frozenset[CancellationReason] = frozenset(
    {"customer_request", "timed_out", "fraud_suspected"}
)
"""Reasons that cancel a confirmed order too. The others occur only before an order is confirmed."""


PRICES = frozenset({"total", "unit_price"})
"""The fields, at any depth, that a customer does not ask for: the catalogue or the partner sets them."""


class AlreadyShippedError(Exception):
    """The shipment of the order is scheduled, so the order cannot be cancelled."""


class OrderStatus(StrEnum):
    """The status of an order."""

    CREATED = "created"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"


class RequestedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order as the customer asked for it: all of `OrderCreated` except the prices."""

    order_id: str
    customer_id: CustomerId
    email: Email
    ship_to: Address
    lines: tuple[Line, ...]
    payment_method: PaymentMethod
    gift_message: GiftMessage | msgspec.UnsetType = msgspec.UNSET


def create(requested: RequestedOrder, lines: Sequence[PricedLine], currency: Currency) -> OrderCreated:
    """Create the order with its lines at these prices."""
    prices = {"lines": tuple(lines), "total": total_of(lines, currency)}
    return OrderCreated(**{**msgspec.structs.asdict(requested), **prices})


def create_from(checkout: CheckoutCompleted, party: str = "") -> OrderCreated:
    """Create the order of a partner's checkout, at the partner's prices.

    The customer belongs to the party that published the checkout, and the key to the customer.

    Raises:
        Rejected: the lines are not the party's to order.
    """
    check_lines(checkout.lines, party)
    customer_id = customer_of(party, checkout.customer_id)
    requested = RequestedOrder(
        order_id=order_id_of(customer_id, checkout.idempotency_key),
        customer_id=customer_id,
        email=checkout.email,
        ship_to=checkout.ship_to.as_address(),
        lines=_without_prices(checkout.lines),
        payment_method=checkout.payment_method,
        gift_message=checkout.gift_message,
    )
    return create(requested, checkout.lines, checkout.currency)


def total_of(lines: Sequence[PricedLine], currency: Currency) -> Money:
    """Return the sum of the lines."""
    return Money(amount=sum(line.quantity * line.unit_price for line in lines), currency=currency)


def same_order(existing: OrderCreated, requested: OrderCreated | RequestedOrder) -> bool:
    """Return whether the customer asks again for the existing order, at any price.

    Every field of the classes is compared, except prices.
    """
    return _comparable(msgspec.to_builtins(existing)) == _comparable(msgspec.to_builtins(requested))


def _comparable(value: object) -> object:
    """Remove prices, and differences without a meaning: the sequence of lines, and equivalent characters."""
    if isinstance(value, str):
        return compatible(value)
    if isinstance(value, list | tuple):
        return sorted(map(_comparable, value), key=repr)
    if isinstance(value, dict):
        return {name: _comparable(each) for name, each in value.items() if name not in PRICES}
    return value


def confirm(created: OrderCreated) -> OrderConfirmed:
    """Return the confirmation of a paid order."""
    return OrderConfirmed(
        order_id=created.order_id,
        customer_id=created.customer_id,
        ship_to=created.ship_to,
        lines=_without_prices(created.lines),
        gift_message=created.gift_message,
    )


def cancel(created: OrderCreated, reason: CancellationReason) -> OrderCancelled:
    """Return the cancellation of an order."""
    return OrderCancelled(order_id=created.order_id, customer_id=created.customer_id, reason=reason)


def _without_prices(lines: Sequence[PricedLine]) -> tuple[Line, ...]:
    return tuple(Line(sku=line.sku, quantity=line.quantity) for line in lines)
