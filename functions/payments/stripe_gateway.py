"""Stripe behind the gateway port: PaymentIntents and refunds, each under a key of its own.

https://docs.stripe.com/payments/payment-intents and docs/decisions/0019-stripe-without-its-sdk.md
"""

from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

import msgspec

from functions.payments.gateway import (
    Charge,
    GatewayRefusedError,
    MismatchError,
    Refund,
    UnknownOutcomeError,
)
from functions.payments.stripe_http import Answer, get, post
from functions.payments.stripe_objects import (
    Failure,
    Intent,
    Intents,
    Problem,
    Reimbursement,
    Reimbursements,
)
from functions.shared.contracts.values import Money

T = TypeVar("T")
NOT_DEFINITE = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
"""A conflict is a key in use: the first request with it is still under way."""
CUSTOMERS_OWN = {"payment_method", "amount"}
"""Parameters that come from an order; what is wrong with them is no fault of our settings."""


class StripeGateway:
    """The provider."""

    @property
    def found_within(self) -> timedelta:
        """Search shows a payment after a minute, and after up to an hour on a bad day.

        https://docs.stripe.com/search#data-freshness
        """
        return timedelta(hours=1)

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        """Create and confirm a PaymentIntent; the card's owner is not there to be asked anything."""
        answer = post(
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
        if answer.status == HTTPStatus.OK:
            return _read(answer, Intent).charge()
        problem = _problem(answer)
        if answer.status == HTTPStatus.PAYMENT_REQUIRED or _is_customers_own(answer, problem):
            return _declined(problem, amount)
        raise GatewayRefusedError(f"{answer.status} {problem.type} {problem.code}")

    def find(self, *, key: str, order_id: str) -> Charge | None:  # noqa: ARG002 - keys are not searched for
        """The order's PaymentIntent by the order's id on it; two that took money are for a person."""
        answer = get("/v1/payment_intents/search", {"query": f"metadata['order_id']:'{order_id}'"})
        if answer.status != HTTPStatus.OK:
            problem = _problem(answer)
            raise GatewayRefusedError(f"{answer.status} {problem.type} {problem.code}")
        charges = [intent.charge() for intent in _read(answer, Intents).data]
        captured = [charge for charge in charges if charge.captured]
        if len(captured) > 1:
            raise MismatchError
        return next(iter(captured or charges), None)

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        """Refund the PaymentIntent; where that is not settled at once, or was before, see what stands."""
        form = {
            "payment_intent": payment_id,
            "amount": str(amount.amount),
            "metadata[order_id]": order_id,  # it does not inherit the PaymentIntent's
        }
        answer = post("/v1/refunds", form, key=key)
        if answer.status == HTTPStatus.OK:
            made = _read(answer, Reimbursement)
            return made.refund() if made.status == "succeeded" else _standing(payment_id, amount)
        problem = _problem(answer)
        if problem.code == "charge_already_refunded":
            return _standing(payment_id, amount)
        raise GatewayRefusedError(f"{answer.status} {problem.type} {problem.code}")


def _standing(payment_id: str, amount: Money) -> Refund:
    """The payment's refund as it is now: a key is answered as it was the first time."""
    answer = get("/v1/refunds", {"payment_intent": payment_id, "limit": "10"})
    if answer.status != HTTPStatus.OK:
        _problem(answer)
        raise UnknownOutcomeError("refund_not_settled", f"the refunds' list was answered {answer.status}")
    settled = [made.refund() for made in _read(answer, Reimbursements).data if made.status == "succeeded"]
    whole = [refund for refund in settled if refund.amount == amount]
    if not whole:
        raise UnknownOutcomeError("refund_not_settled", "no refund of the whole sum stands")
    return whole[0]


def _problem(answer: Answer) -> Problem:
    """Why the request failed; raises `UnknownOutcomeError` where that does not say what was done."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in NOT_DEFINITE:
        raise UnknownOutcomeError(f"gateway_{answer.status}", "the gateway could not say")
    return _read(answer, Failure).error


def _is_customers_own(answer: Answer, problem: Problem) -> bool:
    is_of_the_request = answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
    return is_of_the_request and (problem.param in CUSTOMERS_OWN or problem.is_about_the_method)


def _declined(problem: Problem, amount: Money) -> Charge:
    """A decline, of the PaymentIntent it speaks of or of what was asked for."""
    intent = problem.payment_intent
    if intent is None:
        return Charge(id="none", captured=False, amount=amount, reason=problem.reason)
    if intent.needs_another_method:
        return intent.declined(problem.reason)
    charge = intent.charge()
    if charge.captured:
        raise UnknownOutcomeError("contradiction", "the request failed and its payment succeeded")
    return charge


def _read(answer: Answer, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UnknownOutcomeError("answer_unreadable", f"an answer {answer.status} makes no sense") from None
