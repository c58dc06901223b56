"""A cancelled order of which a person, or the bank, has returned money already."""

import pytest

from functions.contracts.payments import PaymentRefunded
from functions.payments.reconciliation import UnreconciledError
from tests.unit.functions.account import facts, names_of_facts
from tests.unit.functions.builders import NO_FAILURES, ORDER, TOTAL
from tests.unit.functions.output import Output
from tests.unit.functions.payment_timeline import CANCELLED, DECLINED, RESERVED, attempt, deliver_at, look_at
from tests.unit.functions.stripe_bank import StripeBank
from tests.unit.functions.stripe_notifications import notice, post_notification
from tests.unit.functions.stripe_stub import StripeStub, a_decline, an_intent

CHARGE = {"id": "ch_1", "object": "charge", "amount_refunded": 500, "metadata": {"order_id": ORDER}}


def refund_facts() -> list[PaymentRefunded]:
    return [fact for fact in facts() if isinstance(fact, PaymentRefunded)]


@pytest.mark.parametrize("by_hand", [(), (500,), (99, 5000), (5099,)])
def test_cancelled_order_is_refunded_in_full_once(bank: StripeBank, by_hand: tuple[int, ...]) -> None:
    assert deliver_at(0, RESERVED) == NO_FAILURES
    for amount in by_hand:
        bank.refund_by_hand(amount)
    assert post_notification(notice("charge.refunded", CHARGE)) == 200
    for minute in (10, 11):
        assert deliver_at(minute, CANCELLED) == NO_FAILURES
    for minute in (20, 60, 600):
        look_at(minute)
    assert bank.refunded == bank.captured
    (fact,) = refund_facts()
    assert (fact.amount, fact.refund_id) == (TOTAL, bank.refunds[0]["id"])
    assert attempt()["status"] == "refunded"
    assert "open_in" not in attempt()
    assert len(bank.posts) <= 3


def test_cancelled_order_waits_for_the_rest_of_its_refund(bank: StripeBank, output: Output) -> None:
    deliver_at(0, RESERVED)
    bank.refund_by_hand(500)
    bank.refunds_settle = False
    assert deliver_at(10, CANCELLED) == NO_FAILURES
    look_at(20)
    assert (attempt()["status"], attempt()["problem"]) == ("captured", "refund_not_settled")
    assert refund_facts() == []
    look_at(140)
    assert output.metrics()["PaymentUnknownTooLong"] == 1
    assert "open_in" in attempt()
    bank.settle(bank.refunds[0])
    look_at(200)
    assert [fact.amount for fact in refund_facts()] == [TOTAL]
    assert bank.refunded == bank.captured


def test_failed_refund_stays_open_and_counts_as_too_long(bank: StripeBank, output: Output) -> None:
    deliver_at(0, RESERVED)
    bank.refunds_settle = False
    deliver_at(10, CANCELLED)
    bank.settle(bank.refunds[0], "failed")
    for minute in (30, 140):
        look_at(minute)
    assert attempt()["problem"] == "refund_failed"
    assert output.metrics()["PaymentUnknownTooLong"] == 1
    assert len(bank.refunds) == 1
    bank.refund_by_hand(5099)
    look_at(200)
    assert attempt()["status"] == "refunded"


def test_disputed_payment_ends_without_a_refund(bank: StripeBank, output: Output) -> None:
    deliver_at(0, RESERVED)
    bank.is_disputed = True
    assert deliver_at(10, CANCELLED) == NO_FAILURES
    assert attempt()["status"] == "disputed"
    assert output.metrics()["PaymentDisputed"] == 1
    count = len(bank.requests)
    for minute in (20, 600):
        look_at(minute)
    assert deliver_at(700, CANCELLED) == NO_FAILURES
    assert len(bank.requests) == count
    assert names_of_facts() == ["PaymentProcessed"]


def test_share_of_declines_is_measured_per_charge(stripe: StripeStub, output: Output) -> None:
    stripe.respond((200, an_intent()))
    deliver_at(0, RESERVED)
    assert output.values_of("DeclinedPercent") == [0]
    output.forget()
    stripe.respond((402, a_decline()))
    deliver_at(1, DECLINED)
    assert output.values_of("DeclinedPercent") == []  # the order is paid already


def test_decline_is_measured_as_all(stripe: StripeStub, output: Output) -> None:
    stripe.respond((402, a_decline()))
    deliver_at(0, DECLINED)
    assert output.values_of("DeclinedPercent") == [100]


def test_refusal_before_a_charge_is_no_decline(output: Output) -> None:
    deliver_at(0, CANCELLED, RESERVED)
    assert output.values_of("DeclinedPercent") == []


def test_key_of_the_wrong_mode_declines_nobody(stripe: StripeStub, output: Output) -> None:
    problem = {"type": "invalid_request_error", "code": "resource_missing", "param": "payment_method"}
    stripe.respond((404, {"error": problem}))
    deliver_at(0, RESERVED)
    with pytest.raises(UnreconciledError):
        look_at(125)
    assert names_of_facts() == []
    assert attempt()["problem"] == "gateway_refused"
    assert output.metrics()["PaymentUnknownTooLong"] == 1
