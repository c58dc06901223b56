"""A gateway that rejects our credentials charges nobody, is logged, and fires an alarm if that lasts."""

import pytest

from functions.payments.reconciliation import UnreconciledError
from tests.unit.functions.account import names_of_facts
from tests.unit.functions.builders import NO_FAILURES, ORDER, retried
from tests.unit.functions.gateways import Misconfigured, Refusing, behind
from tests.unit.functions.output import Output
from tests.unit.functions.payment_timeline import CANCELLED, DAY, RESERVED, attempt, deliver_at, look_at

pytestmark = pytest.mark.usefixtures("aws")


def test_attempt_stays_due_when_the_gateway_rejects_our_key() -> None:
    with behind(Misconfigured()):
        assert deliver_at(0, RESERVED) == retried("message-0")
        with pytest.raises(UnreconciledError, match="1 payments"):
            look_at(5)
        look_at(6)
    assert attempt()["status"] == "started"
    look_at(20)
    assert names_of_facts() == ["PaymentProcessed"]


@pytest.mark.parametrize("cancelled", [True, False], ids=["cancelled", "kept"])
def test_rejected_charge_is_noted_and_counted_when_too_long(output: Output, *, cancelled: bool) -> None:
    with behind(Refusing()):
        assert deliver_at(0, RESERVED) == retried("message-0")
        assert (attempt()["status"], attempt()["problem"]) == ("started", "gateway_refused")
        assert deliver_at(3, RESERVED) == retried("message-0")
        if cancelled:
            assert deliver_at(4, CANCELLED) == NO_FAILURES
        for minute in (60, 119):
            with pytest.raises(UnreconciledError):
                look_at(minute)
        assert "PaymentUnknownTooLong" not in output.metrics()
        with pytest.raises(UnreconciledError):
            look_at(124)
    assert output.metrics()["PaymentUnknownTooLong"] == 1
    unknown = [line for line in output.logs() if line["message"] == "payment unknown"]
    assert {(line["problem"], line["order_id"]) for line in unknown} == {("gateway_refused", ORDER)}
    look_at(DAY + 10)
    assert names_of_facts() == ["PaymentDeclined"]


def test_rejected_refund_is_noted_and_counted_when_too_long(
    output: Output,
) -> None:
    deliver_at(0, RESERVED)
    with behind(Refusing()):
        assert deliver_at(60, CANCELLED) == retried("message-0")
        assert (attempt()["status"], attempt()["problem"]) == ("started", "gateway_refused")
        with pytest.raises(UnreconciledError):
            look_at(179)
        assert "PaymentUnknownTooLong" not in output.metrics()
        with pytest.raises(UnreconciledError):
            look_at(184)
    assert output.metrics()["PaymentUnknownTooLong"] == 1
    look_at(190)
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]


def test_rejected_lookup_is_counted_when_too_long(output: Output) -> None:
    with behind(Misconfigured()):
        deliver_at(0, RESERVED)
        with pytest.raises(UnreconciledError):
            look_at(120)
    assert output.metrics()["PaymentUnknownTooLong"] == 1
