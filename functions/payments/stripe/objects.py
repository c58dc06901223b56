"""Objects in Stripe's responses, limited to the fields we read (https://docs.stripe.com/api)."""

import msgspec

from functions.contracts.values import Money, is_code
from functions.payments.gateway import Charge, MismatchError, UnknownOutcomeError


class StripeError(msgspec.Struct, frozen=True, kw_only=True):
    """The reason why a request or the last try of a payment failed."""

    type: str | None = None
    code: str | None = None
    decline_code: str | None = None
    param: str | None = None
    message: str | None = None
    """Stripe's text, which quotes the request: never log it."""
    payment_intent: "Intent | None" = None

    @property
    def is_about_the_method(self) -> bool:
        """Whether only the text says that the payment method was used before.

        Stripe gives that error neither code nor parameter, and errors of our own account neither
        (https://github.com/stripe/stripe-cli/issues/367): only the words differ.
        """
        has_code = self.code or self.param or self.type != "invalid_request_error"
        return not has_code and "It may not be used again" in (self.message or "")

    @property
    def reason(self) -> str:
        """The most specific code, if it is valid."""
        if self.is_about_the_method:
            return "payment_method_unusable"
        word = self.decline_code or self.code or ""
        return word if is_code(word) else "card_declined"


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A PaymentIntent: one payment, however often it is tried."""

    id: str
    status: str
    amount: int
    currency: str
    amount_received: int | None = None
    last_payment_error: StripeError | None = None

    def charge(self) -> Charge:
        """Return captured or declined; raise `UnknownOutcomeError` if it is neither, or not yet."""
        if self.status == "succeeded":
            taken = self.amount if self.amount_received is None else self.amount_received
            return Charge(id=self.id, captured=True, amount=money(taken, self.currency))
        if self.status == "canceled":
            return self.declined("payment_canceled")
        if self.needs_another_method and self.last_payment_error:
            return self.declined(self.last_payment_error.reason)
        raise UnknownOutcomeError("payment_not_settled", f"the PaymentIntent is {self.status}")

    @property
    def needs_another_method(self) -> bool:
        """Whether it was not tried yet, or the last try failed."""
        return self.status == "requires_payment_method"

    def declined(self, reason: str) -> Charge:
        """Return a decline with that reason."""
        return Charge(id=self.id, captured=False, amount=money(self.amount, self.currency), reason=reason)


class Reimbursement(msgspec.Struct, frozen=True, kw_only=True):
    """A Refund object of Stripe."""

    id: str
    amount: int
    currency: str
    status: str | None = None
    metadata: dict[str, str] | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the customer has the money, or will."""
        return self.status == "succeeded"

    @property
    def has_failed(self) -> bool:
        """Whether the money came back to us."""
        return self.status in {"failed", "canceled"}

    @property
    def is_pending(self) -> bool:
        """Whether it may still settle or fail."""
        return not (self.is_settled or self.has_failed)

    @property
    def order_id(self) -> str | None:
        """The order that we asked for it; None if a person asked at Stripe's dashboard."""
        return (self.metadata or {}).get("order_id")


class Intents(msgspec.Struct, frozen=True, kw_only=True):
    """A page of PaymentIntents found by a search."""

    data: list[Intent]


class Reimbursements(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the refunds of one payment, the latest first."""

    data: list[Reimbursement]
    has_more: bool = False


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an error response."""

    error: StripeError


def money(amount: int, currency: str) -> Money:
    """Convert minor units; raise `MismatchError` for an unsupported currency.

    Stripe's zero-decimal currencies count as ours do: https://docs.stripe.com/currencies#zero-decimal.
    """
    try:
        return msgspec.convert({"amount": amount, "currency": currency.upper()}, type=Money)
    except msgspec.ValidationError:
        raise MismatchError from None
