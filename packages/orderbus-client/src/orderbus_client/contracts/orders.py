# Copied from functions/contracts/orders.py by `python -m client_package`: change the original.
"""Facts that orders publishes."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from orderbus_client.contracts.order_fact import OrderFact
from orderbus_client.contracts.values import (
    Address,
    Customer,
    Email,
    GiftMessage,
    Lines,
    Money,
    OrderId,
    PaymentMethod,
    PricedLines,
)
from orderbus_client.contracts.shared.fact import Older
from orderbus_client.contracts.shared.party import CustomerId

CancellationReason = Annotated[
    Literal["out_of_stock", "payment_declined", "fraud_suspected", "customer_request", "timed_out"],
    Meta(title="CancellationReason", examples=["payment_declined"]),
]


class OrderCreatedV1(Older, frozen=True, kw_only=True):
    """A customer ordered these lines at these prices."""

    order_id: OrderId
    customer: Customer
    ship_to: Address
    lines: PricedLines
    total: Money
    payment_method: PaymentMethod
    gift_message: GiftMessage | UnsetType = UNSET

    def upcast(self) -> "OrderCreated":
        """Name the customer as the other facts do; the address for emails is a field of its own."""
        fields = asdict(self)
        customer: Customer = fields.pop("customer")
        return OrderCreated(customer_id=customer.id, email=customer.email, **fields)

    @classmethod
    def downcast(cls, later: "OrderCreated") -> Self:
        """Put both into one object again."""
        fields = asdict(later)
        customer = Customer(id=fields.pop("customer_id"), email=fields.pop("email"))
        return cls(customer=customer, **fields)


class OrderCreated(OrderFact, frozen=True, kw_only=True):
    """A customer ordered these lines at these prices."""

    owner: ClassVar[str] = "orders"
    decision: ClassVar[str] = "creation"
    version: ClassVar[int] = 2
    older: ClassVar[Mapping[int, type[Older]]] = {1: OrderCreatedV1}

    customer_id: CustomerId
    email: Email
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
