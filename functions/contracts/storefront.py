"""What shops outside tell us."""

from typing import ClassVar

from functions.contracts.inbound import EnteredAddress, EnteredCustomer
from functions.contracts.values import Currency, IdempotencyKey, PaymentMethod, PricedLines
from functions.shared.contracts.fact import Fact


class CheckoutCompleted(Fact, frozen=True, kw_only=True):
    """A customer checked out in a partner's shop, at the partner's prices."""

    owner: ClassVar[str] = "storefront"

    idempotency_key: IdempotencyKey
    customer: EnteredCustomer
    ship_to: EnteredAddress
    currency: Currency
    payment_method: PaymentMethod
    lines: PricedLines
