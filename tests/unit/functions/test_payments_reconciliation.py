"""A payment of unknown outcome is found out: no second charge, no refund lost, and nothing is guessed."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.payments import PaymentDeclined, PaymentProcessed
from functions.contracts.values import Money
from functions.payments import domain, reconciliation
from functions.payments.attempt import MAXIMUM_WAIT, Attempt, Status
from functions.payments.gateway import Charge, MismatchError
from functions.payments.handler import handle
from functions.payments.reconciliation import UnreconciledError
from functions.payments.simulated_gateway import SimulatedGateway
from functions.shared.runtime.clients import dynamodb
from tests.now import NOW, frozen
from tests.unit.functions.account import dead_lettered, events, facts, names_of_facts
from tests.unit.functions.aws_faults import (
    Crash,
    a_crash_publishes_no_metrics,
    dying_before,
    meanwhile,
    recorded_calls,
)
from tests.unit.functions.builders import (
    CAUSE,
    NO_FAILURES,
    ORDER,
    OTHER_ORDER,
    TOTAL,
    Context,
    a_batch,
    a_delivery,
    an_event,
    an_inventory_reserved,
    an_order_cancelled,
)
from tests.unit.functions.gateways import (
    Down,
    ForgetfulLine,
    Forgetting,
    Misconfigured,
    Mistaken,
    behind,
)
from tests.unit.functions.output import Output
from tests.unit.functions.payment_timeline import (
    DAY,
    DECLINED,
    RESERVED,
    attempt,
    deliver_at,
    look_at,
    look_every,
    requests,
)

pytestmark = [pytest.mark.usefixtures("aws"), a_crash_publishes_no_metrics]


def test_unknown_outcome_is_recorded_and_acknowledged(output: Output) -> None:
    with behind(ForgetfulLine()):
        assert deliver_at(0, RESERVED) == NO_FAILURES
    assert names_of_facts() == []
    row = attempt()
    assert (row["status"], row["problem"], row["tries"]) == ("unknown", "gateway_timeout", "1")
    assert output.metrics() == {"PaymentUnknown": 1, "Handled": 1}
    assert deliver_at(30, RESERVED) == NO_FAILURES
    assert requests() == ["charge"]


@pytest.mark.parametrize("body", [RESERVED, DECLINED], ids=["captured", "declined"])
def test_reconciliation_commits_the_outcome_of_the_reaction(body: str, output: Output) -> None:
    with behind(ForgetfulLine()):
        deliver_at(0, body)
    look_at(1)
    (event,) = events()
    assert names_of_facts() == ["PaymentProcessed" if body is RESERVED else "PaymentDeclined"]
    assert event.cause.id == an_event(an_inventory_reserved()).id
    assert event.cause.correlation_id == CAUSE.correlation_id
    assert attempt()["status"] == ("captured" if body is RESERVED else "declined")
    assert "open_in" not in attempt()
    assert attempt()["tries"] == "2"
    assert output.metrics()["PaymentReconciled"] == 1
    assert len(requests()) == (body is RESERVED)


def test_reconciliation_reads_only_the_index_when_nothing_is_due() -> None:
    deliver_at(0, RESERVED)
    with recorded_calls(dynamodb()) as operations:
        look_at(10)
    assert operations == ["Query"] * 4


def test_interrupted_charge_ends_when_its_message_comes_again() -> None:
    with pytest.raises(Crash), dying_before(dynamodb(), nth=2):
        deliver_at(0, RESERVED)
    with recorded_calls(dynamodb()) as operations:
        look_at(5)
    assert operations == ["Query"] * 4, "it is not listed: reconciliation has nothing to do"
    assert deliver_at(6, RESERVED) == NO_FAILURES
    assert names_of_facts() == ["PaymentProcessed"]
    assert requests() == ["charge"]
    assert attempt()["tries"] == "2"


def test_interrupted_charge_is_refunded_when_its_message_is_lost() -> None:
    """The order's deadline cancels it, and the cancellation lists the attempt."""
    with pytest.raises(Crash), dying_before(dynamodb(), nth=2):
        deliver_at(0, RESERVED)
    timed_out = a_delivery(an_order_cancelled(reason="timed_out"))
    assert deliver_at(15, timed_out) == NO_FAILURES
    assert names_of_facts() == []
    look_at(20)
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]
    assert requests() == ["charge", "refund"]
    assert "open_in" not in attempt()


def test_unknown_attempt_is_closed_when_its_outcome_is_known() -> None:
    """Two deliveries at once: one commits the capture, and the other gets no response."""
    with behind(ForgetfulLine()), meanwhile(dynamodb(), "UpdateItem", captured_meanwhile):
        deliver_at(0, RESERVED)
    assert (attempt()["status"], names_of_facts()) == ("unknown", ["PaymentProcessed"])
    look_at(1)
    assert attempt()["status"] == "captured"
    assert "open_in" not in attempt()
    assert requests() == ["charge"]


def captured_meanwhile() -> None:
    with behind(SimulatedGateway()):
        assert deliver_at(0, RESERVED) == NO_FAILURES


def test_reconciliation_backs_off_and_counts_its_attempts() -> None:
    tries = []
    with behind(Down()):
        deliver_at(0, RESERVED)
        for minute in range(1, 61):
            look_at(minute)
            tries.append(int(attempt()["tries"]))
    seen = [minute for minute, (old, new) in enumerate(itertools.pairwise([1, *tries]), 1) if new > old]
    assert seen == [1, 3, 7, 15, 30, 45, 60]
    row = attempt()
    assert row["first_at"] == "2026-11-23T10:00:00.000+00:00"
    assert row["last_at"] == "2026-11-23T11:00:00.000+00:00"
    assert (row["status"], row["problem"]) == ("unknown", "gateway_down")
    assert names_of_facts() == []


def test_payment_unknown_too_long_is_counted_every_time(output: Output) -> None:
    with behind(Down()):
        deliver_at(0, RESERVED)
        look_every(15, 1, 120)
        assert "PaymentUnknownTooLong" not in output.metrics()
        look_every(15, 120, 151)
    assert output.metrics()["PaymentUnknownTooLong"] >= 1


def test_outcome_is_unknown_when_the_amount_differs(output: Output) -> None:
    with behind(Mistaken()):
        assert deliver_at(0, RESERVED) == NO_FAILURES
        look_every(1, 1, 20)
    assert attempt()["status"] == "unknown"
    assert attempt()["problem"] == "amount_mismatch"
    assert names_of_facts() == []
    assert output.metrics()["PaymentMismatch"] == 5
    assert dead_lettered() == []


@pytest.mark.parametrize(
    "changes",
    [{"amount": Money(amount=5100, currency="GBP")}, {"amount": Money(amount=5099, currency="EUR")}],
)
@pytest.mark.parametrize("captured", [True, False])
def test_amount_differs_when_number_or_currency_differs(changes: dict[str, Any], *, captured: bool) -> None:
    attempt = Attempt(
        order_id=ORDER,
        status=Status.STARTED,
        amount=TOTAL,
        method="pm_card_visa",
        cause=CAUSE,
        tries=1,
        first_at=NOW,
        is_listed=False,
        cancellation=None,
    )
    with pytest.raises(MismatchError):
        domain.settle(attempt, Charge(id="ch_1", captured=captured, reason="card_declined", **changes))


def test_charge_is_looked_up_when_its_key_may_expire() -> None:
    with behind(ForgetfulLine()):
        deliver_at(0, RESERVED)
    with behind(Down()):
        look_at(1)
    with behind(Forgetting()):
        look_at(DAY)
    assert requests() == ["charge"]
    assert names_of_facts() == ["PaymentProcessed"]


def test_charge_is_declined_when_the_gateway_never_received_it() -> None:
    with behind(Down()):
        deliver_at(0, RESERVED)
        look_at(1)
    with behind(Forgetting()):
        look_at(DAY)
    assert facts() == [PaymentDeclined(order_id=ORDER, reason="gateway_unreachable")]
    assert requests() == []


def test_message_does_not_charge_when_redriven_after_a_day() -> None:
    with pytest.raises(Crash), dying_before(dynamodb(), nth=1):
        deliver_at(0, RESERVED)
    assert deliver_at(DAY, RESERVED) == NO_FAILURES
    assert requests() == []
    look_at(DAY + 5)
    assert facts() == [PaymentDeclined(order_id=ORDER, reason="gateway_unreachable")]


def test_attempt_is_reconciled_when_its_message_was_dead_lettered() -> None:
    with behind(Misconfigured()), frozen():
        assert handle(a_batch(RESERVED, receive_count=5), Context()) == NO_FAILURES
    assert len(dead_lettered()) == 1
    look_at(5)
    assert names_of_facts() == ["PaymentProcessed"]


def test_failing_attempt_does_not_delay_others() -> None:
    class Picky(SimulatedGateway):
        def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
            if order_id == ORDER:
                raise PermissionError("not for this one")
            return super().charge(key=key, order_id=order_id, amount=amount, method=method)

    with behind(Down()):
        deliver_at(0, RESERVED, a_delivery(an_inventory_reserved(order_id=OTHER_ORDER)))
    with behind(Picky()), pytest.raises(UnreconciledError):
        look_at(2)
    assert [fact.order_id for fact in facts() if isinstance(fact, PaymentProcessed)] == [OTHER_ORDER]


def test_attempt_is_due_next_minute_when_time_runs_out(output: Output) -> None:
    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return reconciliation.RESERVE_MS - 1

    with behind(Down()):
        deliver_at(0, RESERVED)
    look_at(1, Late())
    assert attempt()["tries"] == "1"
    assert output.metrics()["Deferred"] == 1
    look_at(2)
    assert names_of_facts() == ["PaymentProcessed"]


def test_attempt_is_reconciled_by_one_run_at_a_time() -> None:
    with behind(ForgetfulLine()):
        deliver_at(0, RESERVED)
    with meanwhile(dynamodb(), "UpdateItem", lambda: look_at(1)):
        look_at(1)
    assert attempt()["tries"] == "2"
    assert names_of_facts() == ["PaymentProcessed"]


def test_pause_between_attempts_is_within_the_alarm_period() -> None:
    assert timedelta(minutes=30) > MAXIMUM_WAIT
