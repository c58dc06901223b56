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


def test_key_gets_the_same_response_forever() -> None:
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


def test_refund_key_gets_the_same_response_forever() -> None:
    first = GATEWAY.refund(key="k", order_id=ORDER, payment_id="ch_1", amount=TEN_EURO)
    assert GATEWAY.refund(key="k", order_id=ORDER, payment_id="ch_1", amount=TEN_EURO) == first
    assert first.amount == TEN_EURO


def test_key_is_rejected_when_reused_for_another_request() -> None:
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
def test_payment_method_decides_the_outcome(method: str, reason: str) -> None:
    charge = GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method=method)
    assert (charge.captured, charge.reason) == (not reason, reason)


def test_decline_is_repeated_for_its_key() -> None:
    first = GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_chargeDeclined")
    assert GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_chargeDeclined") == first


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "AccessDeniedException"])
def test_outcome_is_unknown_when_the_table_does_not_respond(code: str) -> None:
    with failing(dynamodb(), "PutItem", code):
        with pytest.raises(UnknownOutcomeError):
            GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa")
        with pytest.raises(UnknownOutcomeError):
            GATEWAY.refund(key="k", order_id=ORDER, payment_id="ch_1", amount=TEN_EURO)
    assert rows("GATEWAY_TABLE") == []


def test_charge_is_found_by_its_own_key_only() -> None:
    captured = GATEWAY.charge(key="k", order_id=ORDER, amount=TEN_EURO, method="pm_card_visa")
    declined = GATEWAY.charge(key="l", order_id=ORDER, amount=TEN_EURO, method="pm_card_chargeDeclined")
    assert GATEWAY.find(key="k", order_id=ORDER) == captured
    assert GATEWAY.find(key="l", order_id=ORDER) == declined
    assert GATEWAY.find(key="m", order_id=ORDER) is None
    assert len(rows("GATEWAY_TABLE")) == 2


def test_lookup_is_unknown_when_the_table_does_not_respond() -> None:
    with failing(dynamodb(), "GetItem", "ThrottlingException"), pytest.raises(UnknownOutcomeError):
        GATEWAY.find(key="k", order_id=ORDER)
