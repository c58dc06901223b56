"""An order cancelled while its payment is under way, or unknown, costs nothing in the end."""

import itertools
from contextlib import AbstractContextManager, suppress
from datetime import timedelta

import pytest

from functions.contracts.payments import PaymentDeclined
from functions.contracts.values import Money
from functions.payments.gateway import Charge, UnknownOutcomeError
from functions.payments.handler import handle
from functions.payments.simulated_gateway import SimulatedGateway
from functions.shared.runtime.clients import dynamodb
from tests.now import frozen
from tests.unit.functions.account import events, facts, names_of_facts, rows
from tests.unit.functions.aws_faults import (
    Crash,
    a_crash_publishes_no_metrics,
    dying_after,
    dying_before,
    meanwhile,
)
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    Context,
    a_batch,
    an_event,
    an_order_cancelled,
    retried,
)
from tests.unit.functions.gateways import (
    ChargesNobody,
    Down,
    ForgetfulLine,
    behind,
)
from tests.unit.functions.output import Output
from tests.unit.functions.payment_timeline import (
    CANCELLED,
    CHARGING,
    DECLINED,
    FREE,
    RESERVED,
    attempt,
    deliver_at,
    look_at,
    look_every,
    requests,
)

pytestmark = [pytest.mark.usefixtures("aws"), a_crash_publishes_no_metrics]


def test_cancelled_order_is_refunded_when_its_charge_was_unknown(output: Output) -> None:
    with behind(ForgetfulLine()):
        deliver_at(0, RESERVED)
    assert deliver_at(0.5, CANCELLED, CANCELLED) == NO_FAILURES
    assert output.metrics() == {"PaymentUnknown": 1, "Handled": 3}
    look_every(5, 1)
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]
    assert requests() == ["charge", "refund"]
    assert events()[1].cause.id == an_event(an_order_cancelled()).id
    assert attempt()["status"] == "refunded"
    assert "open_in" not in attempt()


def test_cancelled_order_is_unpaid_when_its_unknown_charge_declined() -> None:
    with behind(ForgetfulLine()):
        deliver_at(0, DECLINED)
    assert deliver_at(0.5, CANCELLED) == NO_FAILURES
    look_every(5, 1)
    assert facts() == [PaymentDeclined(order_id=ORDER, reason="card_declined")]
    assert requests() == []


def test_cancelled_order_is_declined_when_no_charge_can_arrive() -> None:
    with behind(ChargesNobody()):
        deliver_at(0, RESERVED)
    assert deliver_at(0.5, CANCELLED) == NO_FAILURES
    assert deliver_at(0.6, RESERVED) == NO_FAILURES
    look_at(1.5)
    assert names_of_facts() == []
    look_every(5, 2)
    assert facts() == [PaymentDeclined(order_id=ORDER, reason="order_cancelled")]
    assert requests() == []


class ShowsLate(SimulatedGateway):
    """A gateway that charges without a response and shows the charge later."""

    found_within = timedelta(hours=1)
    shows = False

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        super().charge(key=key, order_id=order_id, amount=amount, method=method)
        raise UnknownOutcomeError("gateway_silent", "not a word")

    def find(self, *, key: str, order_id: str) -> Charge | None:
        return super().find(key=key, order_id=order_id) if self.shows else None


def test_charge_stays_unknown_while_the_gateway_may_show_it() -> None:
    gateway = ShowsLate()
    with behind(gateway):
        deliver_at(0, RESERVED)
        deliver_at(1, CANCELLED)
        look_every(5, 6, 60)
        assert names_of_facts() == []
        gateway.shows = True
        look_at(60)
        look_at(80)
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]
    assert requests() == ["charge", "refund"]


@pytest.mark.parametrize(
    ("call", "status", "moved"),
    [(0, "cancelled", []), (1, "refunded", ["charge", "refund"]), (2, "refunded", ["charge", "refund"])],
)
def test_charge_is_refunded_when_a_cancellation_overtakes_any_call(
    call: int, status: str, moved: list[str]
) -> None:
    def overtake() -> None:
        assert deliver_at(0, CANCELLED) == NO_FAILURES

    with frozen():
        begun = a_batch(RESERVED)
        with meanwhile(dynamodb(), "", overtake, nth=call):
            assert handle(begun, Context()) == NO_FAILURES
    look_every(5, 1)
    assert requests() == moved
    assert attempt()["status"] == status
    assert "open_in" not in attempt()


def test_charge_is_refunded_when_order_is_cancelled_during_it() -> None:
    """Seed 1580 of the simulation: the charge is over between the cancellation's look and its tombstone."""

    def overtake() -> None:
        assert deliver_at(0, RESERVED) == NO_FAILURES

    with frozen():
        cancelled = a_batch(CANCELLED)
        with meanwhile(dynamodb(), "TransactWriteItems", overtake):
            assert handle(cancelled, Context()) == retried("message-0")
        assert handle(cancelled, Context()) == NO_FAILURES
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]
    assert requests() == ["charge", "refund"]
    assert attempt()["status"] == "refunded"
    assert "open_in" not in attempt()


def test_free_order_is_not_refunded_when_cancelled_during_settlement() -> None:
    with pytest.raises(Crash), dying_before(dynamodb(), nth=1):
        deliver_at(0, FREE)
    deliver_at(1, CANCELLED)
    look_every(5, 1)
    assert names_of_facts() == ["PaymentProcessed"]
    assert requests() == []
    assert "open_in" not in attempt()


def test_refund_is_retried_with_its_key_when_unknown(output: Output) -> None:
    deliver_at(0, RESERVED)
    with behind(ForgetfulLine()):
        assert deliver_at(1, CANCELLED) == NO_FAILURES
    assert names_of_facts() == ["PaymentProcessed"]
    assert (attempt()["status"], attempt()["problem"]) == ("captured", "gateway_timeout")
    with behind(Down()):
        look_at(2)
    look_every(5, 3)
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]
    assert requests() == ["charge", "refund"]
    assert attempt()["status"] == "refunded"
    assert output.metrics()["PaymentUnknown"] == 2


def crashing(call: int) -> AbstractContextManager[None]:
    """Crash after that call, or for -1 before the first one."""
    return dying_before(dynamodb()) if call < 0 else dying_after(dynamodb(), nth=call)


@pytest.mark.parametrize("body", [RESERVED, DECLINED, FREE], ids=["captured", "declined", "free"])
@pytest.mark.parametrize("call", range(-1, CHARGING))
@pytest.mark.parametrize("redelivered", [True, False], ids=["redelivered", "lost"])
def test_cancelled_order_costs_nothing_after_any_charge_crash(
    body: str, call: int, *, redelivered: bool
) -> None:
    with crashing(call), suppress(Crash):  # a free order asks no gateway: one call less
        deliver_at(0, body)
    if redelivered and call % 2:
        deliver_at(1, body)
    assert deliver_at(2, CANCELLED) == NO_FAILURES
    if redelivered:
        assert deliver_at(3, body) == NO_FAILURES
    look_every(8, 4)
    assert requests() in ([], ["charge", "refund"])
    assert names_of_facts()[0] in {"PaymentProcessed", "PaymentDeclined"}
    assert not [row for row in rows("ATTEMPTS_TABLE") if "open_in" in row]
    assert ("PaymentRefunded" in names_of_facts()) == (requests() == ["charge", "refund"])


LOOKING = 12
"""More calls than a look makes that settles and refunds."""


@pytest.mark.parametrize("call", range(-1, LOOKING))
def test_reconciliation_charges_and_refunds_once_after_any_crash(call: int) -> None:
    with behind(ForgetfulLine()):
        deliver_at(0, RESERVED)
    deliver_at(0, CANCELLED)
    with crashing(call):
        try:
            look_at(5)
        except Crash:
            assert call < LOOKING - 1, "there are more calls than this test kills"
    look_every(7, 6)
    assert requests() == ["charge", "refund"]
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]
    assert attempt()["status"] == "refunded"
    assert "open_in" not in attempt()


@pytest.mark.parametrize(
    "arrivals", sorted(set(itertools.permutations((RESERVED, RESERVED, CANCELLED, "look")))), ids=str
)
@pytest.mark.parametrize("kind", [ForgetfulLine, Down, ChargesNobody])
def test_cancelled_order_costs_nothing_in_any_order_of_events(
    arrivals: tuple[str, ...], kind: type[SimulatedGateway]
) -> None:
    with behind(kind()):
        for minute, arrival in enumerate(arrivals):
            if arrival == "look":
                look_at(minute)
            else:
                assert deliver_at(minute, arrival) == NO_FAILURES
    look_every(8, 7)
    assert requests() in ([], ["charge", "refund"])
    assert not [row for row in rows("ATTEMPTS_TABLE") if "open_in" in row]
