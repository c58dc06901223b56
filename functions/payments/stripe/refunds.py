"""Refunds at Stripe: ask for the whole payment, or for the rest where part of it was refunded by hand.

Stripe never refunds more than was captured, and rejects a request for more than is left.
https://docs.stripe.com/refunds and https://docs.stripe.com/api/refunds/create
"""

from collections.abc import Iterator, Sequence
from http import HTTPStatus

import msgspec

from functions.contracts.values import Money
from functions.payments.gateway import DisputedError, GatewayRefusedError, Refund, UnknownOutcomeError
from functions.payments.stripe.http import get, post
from functions.payments.stripe.objects import Reimbursement, Reimbursements, money
from functions.payments.stripe.response import error_in, read

PAGE_SIZE = 100
MOST_PAGES = 5
"""More than the refunds of any payment."""
NOT_SETTLED = "refund_not_settled"


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The refund that an order is owed."""

    key: str
    order_id: str
    payment_id: str
    amount: Money


def refund(request: RefundRequest) -> Refund:
    """Refund what is left of the payment; return all that was refunded of it."""
    made = _ask(request, request.amount.amount, key=request.key)
    if made is not None and made.is_settled:
        return _all_of([made])
    refunds = list(_refunds(request.payment_id))
    settled = [each for each in refunds if each.is_settled]
    rest = request.amount.amount - sum(each.amount for each in settled)
    if rest <= 0:
        return _all_of(settled)
    if any(each.has_failed and each.order_id == request.order_id for each in refunds):
        # Stripe could not return the money; asking again would fail again. A person finds another way.
        raise UnknownOutcomeError("refund_failed", "Stripe could not return the money to the customer")
    if made is not None or any(each.is_pending for each in refunds):
        raise UnknownOutcomeError(NOT_SETTLED, "not all of the payment is refunded yet")
    # Another amount needs another key. It is the same until another refund is on the list, so that
    # a retry after a lost response returns the refund that was made.
    made = _ask(request, rest, key=f"{request.key}:{len(refunds)}:{rest}")
    if made is None or not made.is_settled:
        raise UnknownOutcomeError(NOT_SETTLED, "not all of the payment is refunded yet")
    return _all_of([made, *settled])


def _ask(request: RefundRequest, amount_minor: int, *, key: str) -> Reimbursement | None:
    """Ask for a refund of that amount; return None if so much is not left."""
    form = {
        "payment_intent": request.payment_id,
        "amount": str(amount_minor),
        "metadata[order_id]": request.order_id,  # it does not inherit the PaymentIntent's
    }
    response = post("/v1/refunds", form, key=key)
    if response.status == HTTPStatus.OK:
        return read(response, Reimbursement)
    problem = error_in(response)
    if problem.code == "charge_disputed":
        raise DisputedError("the customer's bank has taken the money back")
    # Asking for more than is left has no code of its own, only the parameter's name.
    if problem.code == "charge_already_refunded" or (problem.code is None and problem.param == "amount"):
        return None
    raise GatewayRefusedError(f"{response.status} {problem.type} {problem.code}")


def _refunds(payment_id: str) -> Iterator[Reimbursement]:
    """Every refund of the payment, the latest first."""
    query = {"payment_intent": payment_id, "limit": str(PAGE_SIZE)}
    for _ in range(MOST_PAGES):
        response = get("/v1/refunds", query)
        if response.status != HTTPStatus.OK:
            error_in(response)
            raise UnknownOutcomeError(NOT_SETTLED, f"the list of refunds got {response.status}")
        page = read(response, Reimbursements)
        yield from page.data
        if not (page.has_more and page.data):
            return
        query["starting_after"] = page.data[-1].id
    raise UnknownOutcomeError(NOT_SETTLED, "the list of refunds does not end")


def _all_of(settled: Sequence[Reimbursement]) -> Refund:
    """Return the sum of these refunds under the id of the latest."""
    total = money(sum(each.amount for each in settled), settled[0].currency)
    return Refund(id=settled[0].id, amount=total)
