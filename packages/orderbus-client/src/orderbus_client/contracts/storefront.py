# Copied from functions/contracts/storefront.py by `python -m client_package`: change the original.
"""Facts that partners' shops publish."""

from typing import ClassVar

from msgspec import UNSET, UnsetType

from orderbus_client.contracts.inbound import (
    NO_POSTAL_CODE,
    EnteredAddress,
    EnteredCustomer,
    EnteredGiftMessage,
    check_skus,
)
from orderbus_client.contracts.values import Currency, IdempotencyKey, PaymentMethod, PricedLines
from orderbus_client.contracts.shared.codec import Rejected
from orderbus_client.contracts.shared.fact import Fact


class CheckoutCompleted(Fact, frozen=True, kw_only=True):
    """A customer checked out in a partner's shop, at the partner's prices."""

    owner: ClassVar[str] = "storefront"

    idempotency_key: IdempotencyKey
    customer: EnteredCustomer
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
