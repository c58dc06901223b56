"""The simulated gateway keeps a provider's promises about its keys."""

import pytest

from functions.contracts.values import Money
from functions.payments.gateway import UnknownOutcomeError
from functions.payments.simulated_gateway import KeyReusedError, SimulatedGateway
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import rows
from tests.unit.functions.aws_faults import failing
from tests.unit.functions.builders import ORDER

pytestmark = pytest.mark.usefixtures("aws")

GATEWAY = SimulatedGateway()
TEN_EURO = Money(amount=1000, currency="EUR")


def test_a_key_is_answered_the_same_way_for_ever() -> None:
    first = GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa")
    assert SimulatedGateway().charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa") == first
    assert first.captured
    assert first.amount == TEN_EURO
    assert len(rows("GATEWAY_TABLE")) == 1


def test_another_key_is_another_charge() -> None:
    first = GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa")
    second = GATEWAY.charge(key="l", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa")
    assert first.id != second.id
    assert len(rows("GATEWAY_TABLE")) == 2


def test_a_refund_s_key_is_answered_the_same_way_too() -> None:
    first = GATEWAY.refund(key="k", order_id=ORDER, payment_id="ch_1", amount=TEN_EURO)
    assert GATEWAY.refund(key="k", order_id=ORDER, payment_id="ch_1", amount=TEN_EURO) == first
    assert first.amount == TEN_EURO


def test_a_key_reused_for_another_request_is_refused_and_the_first_answer_stands() -> None:
    first = GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa")
    with pytest.raises(KeyReusedError):
        GATEWAY.charge(
            key="k", order_id=ORDER, amount=Money(amount=999, currency="EUR"), method="pm_card_visa"
        )
    with pytest.raises(KeyReusedError):
        GATEWAY.charge(
            key="k", order_id=ORDER, amount=Money(amount=1000, currency="USD"), method="pm_card_visa"
        )
    with pytest.raises(KeyReusedError):
        GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_chargeDeclined")
    with pytest.raises(KeyReusedError):
        GATEWAY.refund(key="k", order_id=ORDER, payment_id=first.id, amount=TEN_EURO)
    assert GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa") == first


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("pm_card_visa", ""),
        ("pm_card_chargeDeclined", "card_declined"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargedeclined", ""),
        (f"pm_card_chargeDeclined{'A' + 'b' * 39}", f"a{'b' * 39}"),
        (f"pm_card_chargeDeclined{'A' + 'b' * 40}", "card_declined"),
    ],
)
def test_the_payment_method_s_name_decides(method: str, reason: str) -> None:
    charge = GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method=method)
    assert (charge.captured, charge.reason) == (not reason, reason)


def test_a_decline_is_an_answer_that_stands_as_well() -> None:
    first = GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_chargeDeclined")
    assert GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_chargeDeclined") == first


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "AccessDeniedException"])
def test_where_its_memory_does_not_answer_the_outcome_is_unknown(code: str) -> None:
    with failing(dynamodb(), "PutItem", code):
        with pytest.raises(UnknownOutcomeError):
            GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa")
        with pytest.raises(UnknownOutcomeError):
            GATEWAY.refund(key="k", order_id=ORDER, payment_id="ch_1", amount=TEN_EURO)
    assert rows("GATEWAY_TABLE") == []


def test_a_charge_is_found_as_it_was_answered_and_another_is_not() -> None:
    captured = GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa")
    declined = GATEWAY.charge(key="l", order_id=ORDER, amount=TEN_EURO, method="pm_card_chargeDeclined")
    assert GATEWAY.find(key="k", order_id=ORDER) == captured
    assert GATEWAY.find(key="l", order_id=ORDER) == declined
    assert GATEWAY.find(key="m", order_id=ORDER) is None
    assert len(rows("GATEWAY_TABLE")) == 2


def test_a_memory_that_does_not_answer_is_not_one_that_holds_nothing() -> None:
    with failing(dynamodb(), "GetItem", "ThrottlingException"), pytest.raises(UnknownOutcomeError):
        GATEWAY.find(key="k", order_id=ORDER)
