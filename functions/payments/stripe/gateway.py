"""Stripe behind the gateway port: PaymentIntents and refunds, each under a key of its own.

https://docs.stripe.com/payments/payment-intents and docs/decisions/0019-stripe-without-its-sdk.md
"""

from datetime import timedelta
from http import HTTPStatus

from functions.contracts.values import Money
from functions.payments.gateway import (
    Charge,
    GatewayRefusedError,
    MismatchError,
    Refund,
    UnknownOutcomeError,
)
from functions.payments.stripe import refunds
from functions.payments.stripe.http import StripeResponse, get, post
from functions.payments.stripe.objects import Intent, Intents, StripeError
from functions.payments.stripe.refunds import RefundRequest
from functions.payments.stripe.response import error_in, read

CUSTOMERS_OWN = frozenset(
    {
        "amount_too_large",
        "amount_too_small",
        "charge_exceeds_source_limit",
        "charge_exceeds_transaction_limit",
        "invalid_card_type",
        "invalid_charge_amount",
        "payment_method_currency_mismatch",
        "payment_method_customer_decline",
        "payment_method_provider_decline",
        "token_already_used",
    }
)
"""Error codes about the customer's order or payment method: a decline.

Every other code is about our account, our key or our code, and a person must fix it. `resource_missing` on
`payment_method` is one of those: a key of the wrong mode sees no payment method of the other mode.
https://docs.stripe.com/error-codes
"""


class StripeGateway:
    """The adapter to Stripe."""

    @property
    def found_within(self) -> timedelta:
        """Search shows a payment after a minute, and after up to an hour on a bad day.

        https://docs.stripe.com/search#data-freshness
        """
        return timedelta(hours=1)

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        """Create and confirm a PaymentIntent off session, without the card holder."""
        response = post(
            "/v1/payment_intents",
            {
                "amount": str(amount.amount),
                "currency": amount.currency.lower(),
                "payment_method": method,
                "payment_method_types[]": "card",
                "confirm": "true",
                "off_session": "true",
                "metadata[order_id]": order_id,
            },
            key=key,
        )
        if response.status == HTTPStatus.OK:
            return read(response, Intent).charge()
        problem = error_in(response)
        if response.status == HTTPStatus.PAYMENT_REQUIRED or _is_customers_own(response, problem):
            return _declined(problem, amount)
        raise GatewayRefusedError(f"{response.status} {problem.type} {problem.code}")

    def find(self, *, key: str, order_id: str) -> Charge | None:
        """Find the PaymentIntent by its order id; raise `MismatchError` if two took money."""
        response = get("/v1/payment_intents/search", {"query": f"metadata['order_id']:'{order_id}'"})
        if response.status != HTTPStatus.OK:
            problem = error_in(response)
            raise GatewayRefusedError(f"{response.status} {problem.type} {problem.code}")
        charges = [intent.charge() for intent in read(response, Intents).data]
        captured = [charge for charge in charges if charge.captured]
        if len(captured) > 1:
            raise MismatchError
        return next(iter(captured or charges), None)

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        """Refund what is left of the PaymentIntent; return all that was refunded of it."""
        request = RefundRequest(key=key, order_id=order_id, payment_id=payment_id, amount=amount)
        return refunds.refund(request)


def _is_customers_own(response: StripeResponse, problem: StripeError) -> bool:
    is_of_the_request = response.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
    return is_of_the_request and (problem.code in CUSTOMERS_OWN or problem.is_about_the_method)


def _declined(problem: StripeError, amount: Money) -> Charge:
    """Return the decline, of the PaymentIntent in the problem or of the request."""
    intent = problem.payment_intent
    if intent is None:
        return Charge(id="none", captured=False, amount=amount, reason=problem.reason)
    if intent.needs_another_method:
        return intent.declined(problem.reason)
    charge = intent.charge()
    if charge.captured:
        raise UnknownOutcomeError("contradiction", "the request failed and its payment succeeded")
    return charge
