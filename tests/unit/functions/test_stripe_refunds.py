"""Refunds at Stripe return the rest exactly once, also after refunds by hand."""

import contextlib

import pytest

from functions.contracts.values import Money
from functions.payments.gateway import (
    DisputedError,
    GatewayRefusedError,
    MismatchError,
    Refund,
    UnknownOutcomeError,
)
from functions.payments.stripe.gateway import StripeGateway
from tests.unit.functions.builders import ORDER, TOTAL
from tests.unit.functions.stripe_bank import StripeBank
from tests.unit.functions.stripe_stub import StripeStub, a_list, a_refund, a_refusal

pytestmark = pytest.mark.usefixtures("aws")

PAYMENT = "pi_3MtwBwLkdIwHu7ix28a3tqPa"


def refund() -> Refund:
    return StripeGateway().refund(key=f"refund:{ORDER}", order_id=ORDER, payment_id=PAYMENT, amount=TOTAL)


def unknown_code() -> str:
    with pytest.raises(UnknownOutcomeError) as unknown:
        refund()
    return unknown.value.code


def test_refund_is_of_the_whole_payment_under_its_key(bank: StripeBank) -> None:
    assert refund() == Refund(id="re_1", amount=TOTAL)
    (request,) = bank.requests
    assert (request.path, request.headers["idempotency-key"]) == ("/v1/refunds", f"refund:{ORDER}")
    assert request.form == {"payment_intent": PAYMENT, "amount": "5099", "metadata[order_id]": ORDER}


@pytest.mark.parametrize("by_hand", [(500,), (1, 2, 3), (5098,)])
def test_refund_is_of_the_rest_when_part_was_refunded(bank: StripeBank, by_hand: tuple[int, ...]) -> None:
    for amount in by_hand:
        bank.refund_by_hand(amount)
    made = refund()
    assert made == Refund(id=bank.refunds[0]["id"], amount=TOTAL)
    assert bank.refunds[0]["amount"] == 5099 - sum(by_hand)
    assert refund() == made
    assert len(bank.refunds) == len(by_hand) + 1


@pytest.mark.parametrize("by_hand", [(5099,), (99, 5000)])
def test_refund_is_complete_when_all_was_refunded(bank: StripeBank, by_hand: tuple[int, ...]) -> None:
    for amount in by_hand:
        bank.refund_by_hand(amount)
    assert refund() == Refund(id=bank.refunds[0]["id"], amount=TOTAL)
    assert len(bank.refunds) == len(by_hand)


@pytest.mark.parametrize("lost", [{1}, {2}, {1, 2}, {1, 2, 3, 4}])
@pytest.mark.parametrize("by_hand", [0, 500])
def test_refund_is_made_once_when_responses_are_lost(bank: StripeBank, by_hand: int, lost: set[int]) -> None:
    if by_hand:
        bank.refund_by_hand(by_hand)
    bank.lost_posts = lost
    for _ in range(max(lost)):
        with contextlib.suppress(UnknownOutcomeError):
            refund()
    assert refund().amount == TOTAL
    assert [each["amount"] for each in bank.refunds if each["metadata"]] == [5099 - by_hand]


@pytest.mark.parametrize("by_hand", [0, 500])
def test_refund_is_unknown_while_it_is_pending(bank: StripeBank, by_hand: int) -> None:
    bank.refunds_settle = False
    if by_hand:
        bank.refund_by_hand(by_hand)
    assert unknown_code() == "refund_not_settled"
    assert unknown_code() == "refund_not_settled"
    ours = bank.refunds[0]
    bank.settle(ours)
    assert refund() == Refund(id=ours["id"], amount=TOTAL)
    assert bank.refunded == 5099


def test_refund_waits_while_a_refund_by_hand_is_pending(bank: StripeBank) -> None:
    by_hand = bank.refund_by_hand(500, status="requires_action")
    bank.refund_by_hand(100)
    assert unknown_code() == "refund_not_settled"
    bank.settle(by_hand)
    assert refund().amount == TOTAL
    assert bank.refunded == 5099


def test_refund_includes_a_refund_by_hand_that_failed(bank: StripeBank) -> None:
    bank.refund_by_hand(500, status="failed")
    bank.refund_by_hand(100)
    assert refund().amount == TOTAL
    assert bank.refunds[0]["amount"] == 4999


def test_refund_is_for_a_person_when_ours_failed(bank: StripeBank) -> None:
    bank.refunds_settle = False
    assert unknown_code() == "refund_not_settled"
    bank.settle(bank.refunds[0], "failed")
    assert unknown_code() == "refund_failed"
    assert len(bank.refunds) == 1
    bank.refund_by_hand(5099)  # the person asks again, or another way
    assert refund() == Refund(id="re_2", amount=TOTAL)


def test_refund_is_of_new_rest_when_person_was_faster(bank: StripeBank) -> None:
    bank.refund_by_hand(500)
    bank.after_list = lambda: bank.refund_by_hand(1000) if len(bank.refunds) == 1 else None
    assert unknown_code() == "refund_not_settled"
    assert refund().amount == TOTAL
    assert [each["amount"] for each in bank.refunds] == [3599, 1000, 500]


@pytest.mark.parametrize("by_hand", [0, 500])
def test_refund_of_a_disputed_payment_is_never_made(bank: StripeBank, by_hand: int) -> None:
    if by_hand:
        bank.refund_by_hand(by_hand)
    bank.is_disputed = True
    with pytest.raises(DisputedError):
        refund()


def test_refunds_on_every_page_are_counted(bank: StripeBank) -> None:
    bank.page_size = 2
    for amount in (1, 2, 3, 4, 5):
        bank.refund_by_hand(amount)
    assert refund().amount == TOTAL
    assert [request.form.get("starting_after") for request in bank.requests if request.method == "GET"] == [
        None,
        "re_4",
        "re_2",
    ]
    assert all(request.form["limit"] == "100" for request in bank.requests if request.method == "GET")


def test_refund_list_is_bounded_when_it_has_no_end(stripe: StripeStub) -> None:
    endless = {**a_list(a_refund(amount=1)), "has_more": True}
    stripe.respond((400, a_refusal(param="amount")), (200, endless))
    assert unknown_code() == "refund_not_settled"
    assert len(stripe.requests) < 10


def test_refund_is_refused_when_the_parameter_has_another_fault(stripe: StripeStub) -> None:
    stripe.respond((400, a_refusal(code="parameter_invalid_integer", param="amount")))
    with pytest.raises(GatewayRefusedError):
        refund()


def test_refund_is_unknown_when_the_list_is_refused(stripe: StripeStub) -> None:
    stripe.respond((200, a_refund(status="pending")), (403, a_refusal()))
    assert unknown_code() == "refund_not_settled"


@pytest.mark.parametrize("status", [None, "pending", "of_tomorrow"])
def test_refund_of_unclear_status_is_unknown(stripe: StripeStub, status: str | None) -> None:
    stripe.respond((200, a_refund(status=status)), (200, a_list(a_refund(status=status, metadata=None))))
    assert unknown_code() == "refund_not_settled"


def test_refund_in_another_currency_is_a_mismatch(stripe: StripeStub) -> None:
    stripe.respond((200, a_refund(currency="xyz")))
    with pytest.raises(MismatchError):
        refund()


def test_refund_counts_minor_units_of_any_currency(stripe: StripeStub) -> None:
    stripe.respond((200, a_refund(amount=5099, currency="jpy")))
    assert refund().amount == Money(amount=5099, currency="JPY")
