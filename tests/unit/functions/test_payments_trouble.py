"""Whatever goes wrong around a charge, the money moves once and its outcome is found out."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
import time_machine

from functions.payments import domain, handler
from functions.payments.gateway import Charge, UnknownOutcomeError
from functions.payments.handler import handle
from functions.payments.simulated_gateway import SimulatedGateway
from functions.shared.clients import dynamodb
from functions.shared.contracts.values import Money
from tests.unit.functions.account import names_of_facts, parked, rows
from tests.unit.functions.builders import (
    ALL_WELL,
    ORDER,
    TEN_O_CLOCK,
    Answer,
    Context,
    a_batch,
    a_delivery,
    an_inventory_reserved,
    an_order_cancelled,
    retried,
)
from tests.unit.functions.trouble import (
    Crash,
    Dying,
    a_crash_publishes_no_metrics,
    dying_after,
    dying_before,
    failing,
    listening,
)

pytestmark = [pytest.mark.usefixtures("aws"), a_crash_publishes_no_metrics]

RESERVED = a_delivery(an_inventory_reserved())
CANCELLED = a_delivery(an_order_cancelled())
CHARGING = ("PutItem", "PutItem", "PutItem", "TransactWriteItems", "UpdateItem")
"""The record, the attempt, the gateway's memory, the decision, the record."""
REFUNDING = ("PutItem", "GetItem", "PutItem", "TransactWriteItems", "UpdateItem")
"""The record, the payment, the gateway's memory, the decision, the record."""


def deliver_at(minute: int, *bodies: str) -> Answer:
    with time_machine.travel(TEN_O_CLOCK + timedelta(minutes=minute), tick=False):
        return handle(a_batch(*bodies), Context())


def requests() -> list[str]:
    return sorted(row["request"].split()[0] for row in rows("GATEWAY_TABLE"))


class ForgetfulLine:
    """A gateway that does what it is asked, and whose answer never arrives."""

    def charge(self, *, key: str, amount: Money, method: str) -> Charge:
        SimulatedGateway().charge(key=key, amount=amount, method=method)
        raise UnknownOutcomeError("the line went dead")

    def refund(self, *, key: str, payment_id: str, amount: Money) -> Any:
        SimulatedGateway().refund(key=key, payment_id=payment_id, amount=amount)
        raise UnknownOutcomeError("the line went dead")


class MistakenGateway(SimulatedGateway):
    """A gateway that answers for another sum than it was asked for."""

    def charge(self, *, key: str, amount: Money, method: str) -> Charge:
        other = Money(amount=amount.amount + 1, currency=amount.currency)
        return super().charge(key=key, amount=other, method=method)


def test_a_charge_and_a_refund_make_just_these_calls() -> None:
    with listening(dynamodb()) as charging:
        deliver_at(0, RESERVED)
    with listening(dynamodb()) as refunding:
        deliver_at(1, CANCELLED)
    assert (tuple(charging), tuple(refunding)) == (CHARGING, REFUNDING)


@pytest.mark.parametrize("dying", [dying_before, dying_after])
@pytest.mark.parametrize("call", range(len(CHARGING)))
def test_a_crash_around_any_call_of_a_charge_ends_in_one_charge(call: int, dying: Dying) -> None:
    with pytest.raises(Crash), dying(dynamodb(), nth=call):
        deliver_at(0, RESERVED)
    assert deliver_at(1, RESERVED) == ALL_WELL
    assert requests() == ["charge"]
    assert names_of_facts() == ["PaymentProcessed"]
    assert [row["status"] for row in rows("ATTEMPTS_TABLE")] == ["captured"]


@pytest.mark.parametrize("dying", [dying_before, dying_after])
@pytest.mark.parametrize("call", range(len(REFUNDING)))
def test_a_crash_around_any_call_of_a_refund_ends_in_one_refund(call: int, dying: Dying) -> None:
    deliver_at(0, RESERVED)
    with pytest.raises(Crash), dying(dynamodb(), nth=call):
        deliver_at(1, CANCELLED)
    assert deliver_at(2, CANCELLED) == ALL_WELL
    assert requests() == ["charge", "refund"]
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]


@pytest.mark.parametrize("dying", [dying_before, dying_after])
@pytest.mark.parametrize("call", range(len(CHARGING)))
def test_an_order_cancelled_after_any_crash_of_its_charge_keeps_no_money(call: int, dying: Dying) -> None:
    with pytest.raises(Crash), dying(dynamodb(), nth=call):
        deliver_at(0, RESERVED)
    deliver_at(1, CANCELLED)
    assert deliver_at(2, RESERVED) == ALL_WELL
    assert deliver_at(3, CANCELLED) == ALL_WELL
    assert requests() in ([], ["charge", "refund"])


def test_a_crash_after_the_charge_and_before_the_commit_charges_once() -> None:
    with pytest.raises(Crash), dying_before(dynamodb(), nth=3):
        deliver_at(0, RESERVED)
    assert requests() == ["charge"]
    assert names_of_facts() == []
    assert deliver_at(1, RESERVED) == ALL_WELL
    assert requests() == ["charge"]
    assert names_of_facts() == ["PaymentProcessed"]


def test_an_order_cancelled_between_the_charge_and_its_commit_is_refunded_after_the_capture() -> None:
    with pytest.raises(Crash), dying_before(dynamodb(), nth=3):
        deliver_at(0, RESERVED)
    assert deliver_at(1, CANCELLED) == retried("message-0")
    assert names_of_facts() == []
    assert deliver_at(2, RESERVED) == ALL_WELL
    assert deliver_at(3, CANCELLED) == ALL_WELL
    assert requests() == ["charge", "refund"]
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]


def test_a_charge_whose_answer_never_arrived_is_no_decline(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(handler, "GATEWAY", ForgetfulLine())
        assert deliver_at(0, RESERVED) == retried("message-0")
        assert names_of_facts() == []
    assert deliver_at(1, RESERVED) == ALL_WELL
    assert requests() == ["charge"]
    assert names_of_facts() == ["PaymentProcessed"]


def test_a_refund_whose_answer_never_arrived_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver_at(0, RESERVED)
    with monkeypatch.context() as patch:
        patch.setattr(handler, "GATEWAY", ForgetfulLine())
        assert deliver_at(1, CANCELLED) == retried("message-0")
    assert deliver_at(2, CANCELLED) == ALL_WELL
    assert requests() == ["charge", "refund"]


def test_a_charge_of_another_sum_than_asked_for_is_left_to_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "GATEWAY", MistakenGateway())
    assert handle(a_batch(RESERVED), Context()) == retried("message-0")
    assert handle(a_batch(RESERVED, receive_count=5), Context()) == ALL_WELL
    assert [message.attributes["error_class"] for message in parked()] == ["UnknownOutcomeError"]
    assert names_of_facts() == []


@pytest.mark.parametrize("currency", ["EUR", "GBP"])
def test_an_answer_in_another_currency_or_about_another_amount_is_no_answer(currency: Any) -> None:
    charge = Charge(id="ch_1", captured=True, amount=Money(amount=5100, currency=currency))
    with pytest.raises(UnknownOutcomeError):
        domain.settle(an_inventory_reserved(), charge)


def test_a_declined_charge_of_another_sum_is_no_answer_either() -> None:
    charge = Charge(id="ch_1", captured=False, amount=Money(amount=1, currency="GBP"), reason="card_declined")
    with pytest.raises(UnknownOutcomeError):
        domain.settle(an_inventory_reserved(), charge)


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_a_table_that_does_not_answer_is_neither_a_decline_nor_a_tombstone(code: str) -> None:
    with failing(dynamodb(), "PutItem", code):
        assert deliver_at(0, RESERVED, CANCELLED) == retried("message-0", "message-1")
    assert rows("EVENT_LOG_TABLE") == []
    with failing(dynamodb(), "TransactWriteItems", code):
        assert deliver_at(0, RESERVED) == retried("message-0")
    assert deliver_at(1, RESERVED) == ALL_WELL
    assert requests() == ["charge"]


def test_a_decision_in_conflict_with_another_is_tried_again() -> None:
    conflict = failing(
        dynamodb(), "TransactWriteItems", "TransactionCanceledException", ["None", "TransactionConflict"]
    )
    with conflict:
        assert deliver_at(0, RESERVED) == retried("message-0")
        assert deliver_at(0, a_delivery(an_order_cancelled(order_id=ORDER))) == retried("message-0")
    assert deliver_at(1, RESERVED, CANCELLED) == ALL_WELL
    assert requests() == ["charge", "refund"]


def test_the_gateway_is_never_asked_before_the_attempt_is_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Witness(SimulatedGateway):
        def charge(self, *, key: str, amount: Money, method: str) -> Charge:
            seen.extend(row["status"] for row in rows("ATTEMPTS_TABLE"))
            return super().charge(key=key, amount=amount, method=method)

    monkeypatch.setattr(handler, "GATEWAY", Witness())
    assert deliver_at(0, RESERVED) == ALL_WELL
    assert seen == ["started"]
    (attempt,) = rows("ATTEMPTS_TABLE")
    assert (attempt["amount"], attempt["currency"]) == ("5099", "GBP")


def test_the_same_key_is_shown_to_the_gateway_at_every_try(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(handler, "GATEWAY", ForgetfulLine())
        deliver_at(0, RESERVED)
    deliver_at(1, RESERVED)
    (row,) = rows("GATEWAY_TABLE")
    assert row["idempotency_key"] == f"charge:{ORDER}"
    assert msgspec.json.decode(row["answer"])["captured"] is True
