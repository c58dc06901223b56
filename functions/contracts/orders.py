"""Facts that orders publishes."""

from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, UnsetType

from functions.contracts.order_fact import OrderFact
from functions.contracts.values import (
    Address,
    Customer,
    GiftMessage,
    Lines,
    Money,
    PaymentMethod,
    PricedLines,
)
from functions.shared.contracts.party import CustomerId

CancellationReason = Annotated[
    Literal["out_of_stock", "payment_declined", "fraud_suspected", "customer_request", "timed_out"],
    Meta(title="CancellationReason", examples=["payment_declined"]),
]


class OrderCreated(OrderFact, frozen=True, kw_only=True):
    """A customer ordered these lines at these prices."""

    owner: ClassVar[str] = "orders"
    decision: ClassVar[str] = "creation"

    customer: Customer
    ship_to: Address
    lines: PricedLines
    total: Money
    payment_method: PaymentMethod
    gift_message: GiftMessage | UnsetType = UNSET


class OrderConfirmed(OrderFact, frozen=True, kw_only=True):
    """The order is reserved and paid; it may be shipped."""

    owner: ClassVar[str] = "orders"
    decision: ClassVar[str] = "confirmation"

    customer_id: CustomerId
    ship_to: Address
    lines: Lines
    gift_message: GiftMessage | UnsetType = UNSET


class OrderCancelled(OrderFact, frozen=True, kw_only=True):
    """The order is cancelled; every service undoes what it did for it."""

    owner: ClassVar[str] = "orders"
    decision: ClassVar[str] = "cancellation"

    customer_id: CustomerId
    reason: CancellationReason
