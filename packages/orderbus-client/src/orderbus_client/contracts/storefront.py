# Copied from functions/contracts/storefront.py by `python -m client_package`: change the original.
"""Facts that partners' shops publish."""

from collections.abc import Mapping
from typing import ClassVar, Self

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict

from orderbus_client.contracts import heartbeat
from orderbus_client.contracts.inbound import (
    NO_POSTAL_CODE,
    EnteredAddress,
    EnteredCustomer,
    EnteredEmail,
    EnteredGiftMessage,
    check_skus,
)
from orderbus_client.contracts.values import Currency, IdempotencyKey, PaymentMethod, PricedLines
from orderbus_client.contracts.shared.codec import Rejected
from orderbus_client.contracts.shared.fact import Fact, Older
from orderbus_client.contracts.shared.party import CustomerId


class CheckoutCompletedV1(Older, frozen=True, kw_only=True):
    """A customer checked out in a partner's shop, at the partner's prices."""

    idempotency_key: IdempotencyKey
    customer: EnteredCustomer
    ship_to: EnteredAddress
    currency: Currency
    payment_method: PaymentMethod
    lines: PricedLines
    gift_message: EnteredGiftMessage | UnsetType = UNSET

    def upcast(self) -> "CheckoutCompleted":
        """Name the customer as the other facts do; the address for emails is a field of its own."""
        fields = asdict(self)
        customer: EnteredCustomer = fields.pop("customer")
        return CheckoutCompleted(customer_id=customer.id, email=customer.email, **fields)

    @classmethod
    def downcast(cls, later: "CheckoutCompleted") -> Self:
        """Put both into one object again."""
        fields = asdict(later)
        customer = EnteredCustomer(id=fields.pop("customer_id"), email=fields.pop("email"))
        return cls(customer=customer, **fields)


class CheckoutCompleted(Fact, frozen=True, kw_only=True):
    """A customer checked out in a partner's shop, at the partner's prices."""

    owner: ClassVar[str] = "storefront"
    also_from: ClassVar[frozenset[str]] = frozenset({heartbeat.SOURCE})
    version: ClassVar[int] = 2
    older: ClassVar[Mapping[int, type[Older]]] = {1: CheckoutCompletedV1}

    idempotency_key: IdempotencyKey
    customer_id: CustomerId
    email: EnteredEmail
    ship_to: EnteredAddress
    currency: Currency
    payment_method: PaymentMethod
    lines: PricedLines
    gift_message: EnteredGiftMessage | UnsetType = UNSET

    def check(self) -> None:
        """Raise `Rejected` for repeated SKUs and for a missing postal code."""
        check_skus(self.lines)
        if self.ship_to.lacks_postal_code:
            raise Rejected("data_invalid", NO_POSTAL_CODE)
