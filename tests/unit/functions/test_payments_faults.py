"""After any fault of a charge, the money moves once and its outcome becomes known."""

import pytest

from functions.contracts.values import Money
from functions.payments import handler
from functions.payments.gateway import MAXIMUM_RESPONSE_MS, Charge
from functions.payments.handler import handle
from functions.payments.simulated_gateway import SimulatedGateway
from functions.shared.runtime.clients import MAXIMUM_CALL_MS, dynamodb
from tests.unit.functions.account import rows
from tests.unit.functions.aws_faults import (
    a_crash_publishes_no_metrics,
    recorded_calls,
)
from tests.unit.functions.builders import (
    NO_FAILURES,
    Context,
    a_batch,
    retried,
)
from tests.unit.functions.payment_timeline import CANCELLED, RESERVED, deliver_at

pytestmark = [pytest.mark.usefixtures("aws"), a_crash_publishes_no_metrics]

CHARGING = ("PutItem", "PutItem", "PutItem")
"""The attempt, the gateway's memory, the decision."""
REFUNDING = ("UpdateItem", "GetItem", "PutItem", "TransactWriteItems")
"""The attempt, the payment, the gateway's memory, the decision."""


def requests() -> list[str]:
    return sorted(row["request"].split()[0] for row in rows("GATEWAY_TABLE"))


def test_charge_and_refund_make_exactly_these_calls() -> None:
    with recorded_calls(dynamodb()) as charging:
        deliver_at(0, RESERVED)
    with recorded_calls(dynamodb()) as refunding:
        deliver_at(1, CANCELLED)
    assert (tuple(charging), tuple(refunding)) == (CHARGING, REFUNDING)


def test_attempt_is_recorded_before_the_gateway_call(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Witness(SimulatedGateway):
        def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
            seen.extend(row["status"] for row in rows("ATTEMPTS_TABLE"))
            return super().charge(key=key, order_id=order_id, amount=amount, method=method)

    monkeypatch.setattr(handler, "gateway", Witness)
    assert deliver_at(0, RESERVED) == NO_FAILURES
    assert seen == ["started"]
    (attempt,) = rows("ATTEMPTS_TABLE")
    assert (attempt["amount"], attempt["currency"]) == ("5099", "GBP")


def test_message_starts_only_when_gateway_and_table_can_finish() -> None:
    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return MAXIMUM_RESPONSE_MS + MAXIMUM_CALL_MS - 1

    assert handle(a_batch(RESERVED), Late()) == retried("message-0")
    assert rows("ATTEMPTS_TABLE") == []
