"""What Stripe's answers say, as far as we read them (https://docs.stripe.com/api)."""

import msgspec

from functions.payments.gateway import Charge, MismatchError, Refund, UnknownOutcomeError
from functions.shared.contracts.codec import is_code
from functions.shared.contracts.values import Money


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request failed, or the last try of a payment did."""

    type: str = ""
    code: str | None = None
    decline_code: str | None = None
    param: str | None = None
    message: str = ""
    """Stripe's words, which quote what they were given: never logged."""
    payment_intent: "Intent | None" = None

    @property
    def is_about_the_method(self) -> bool:
        """Whether it says in words alone that the payment method is spent, or is none.

        Stripe gives a PaymentMethod that was used before neither code nor parameter, and what our own
        account may not do neither (https://github.com/stripe/stripe-cli/issues/367): only the words differ.
        """
        said_otherwise = self.code or self.param or self.type != "invalid_request_error"
        return not said_otherwise and "PaymentMethod" in self.message

    @property
    def reason(self) -> str:
        """The most exact word for it, if it is one."""
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
    last_payment_error: Problem | None = None
    metadata: dict[str, str] = {}

    def charge(self) -> Charge:
        """Captured or declined; raises `UnknownOutcomeError` where it is neither, or not yet."""
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
        """It took nothing, for that reason."""
        return Charge(id=self.id, captured=False, amount=money(self.amount, self.currency), reason=reason)


class Reimbursement(msgspec.Struct, frozen=True, kw_only=True):
    """A Refund, as Stripe has it."""

    id: str
    status: str
    amount: int
    currency: str

    def refund(self) -> Refund:
        """The money given back; raises `UnknownOutcomeError` where it was not, or not yet."""
        if self.status != "succeeded":
            raise UnknownOutcomeError("refund_not_settled", f"the refund is {self.status}")
        return Refund(id=self.id, amount=money(self.amount, self.currency))


class Intents(msgspec.Struct, frozen=True, kw_only=True):
    """PaymentIntents that were searched for."""

    data: list[Intent]


class Reimbursements(msgspec.Struct, frozen=True, kw_only=True):
    """The refunds of one payment."""

    data: list[Reimbursement]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an answer that is no success."""

    error: Problem


def money(amount: int, currency: str) -> Money:
    """Minor units both here and there; raises `MismatchError` where it is none we deal in.

    Stripe's zero-decimal currencies count as ours do: https://docs.stripe.com/currencies#zero-decimal.
    """
    try:
        return msgspec.convert({"amount": amount, "currency": currency.upper()}, type=Money)
    except msgspec.ValidationError:
        raise MismatchError from None
