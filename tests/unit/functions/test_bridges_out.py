"""Tests of a bridge's way out: each message of a batch has its own outcome."""

from collections.abc import Iterator, Mapping, Sequence

import pytest

from functions.bridges.outbound import NotAcknowledgedError, Outgoing, bridge, selects
from functions.shared.contracts.codec import Rejected
from functions.shared.runtime.deadline import OutOfTimeError
from tests.unit.functions.account import dead_lettered
from tests.unit.functions.builders import (
    NO_FAILURES,
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

BODIES = [a_delivery(each) for each in (an_order_created(), an_order_confirmed(), an_order_cancelled())]


@pytest.fixture(autouse=True)
def selection() -> Iterator[None]:
    """Read the variable again."""
    selects.cache_clear()
    yield
    selects.cache_clear()


class Broker:
    """A broker that fails for chosen message ids, or for all."""

    def __init__(self, failures: Mapping[str, Exception] | Exception | None = None) -> None:
        self.failures = failures or {}
        self.sent: list[str] = []

    def __call__(self, events: Sequence[Outgoing]) -> Mapping[str, Exception]:
        if isinstance(self.failures, Exception):
            raise self.failures
        self.sent += [
            each.event.attributes["type"] for each in events if each.message_id not in self.failures
        ]
        return self.failures


def carry(broker: Broker, *bodies: str, receive_count: int = 1) -> BatchResponse:
    batch = a_batch(*(bodies or BODIES), receive_count=receive_count)
    return bridge("under-test", broker)(batch, Context())


def test_batch_is_sent_together_and_acknowledged(output: Output) -> None:
    broker = Broker()
    assert carry(broker) == NO_FAILURES
    assert broker.sent == ["OrderCreated", "OrderConfirmed", "OrderCancelled"]
    assert output.counted_by("Handled", "fact") == dict.fromkeys(broker.sent, 1)


@pytest.mark.parametrize(
    ("failures", "again", "reasons"),
    [
        ({"message-1": NotAcknowledgedError("timed out")}, ["message-1"], []),
        ({"message-2": Rejected("event_too_large")}, [], ["event_too_large"]),
        (NotAcknowledgedError("down"), ["message-0", "message-1", "message-2"], []),
    ],
)
def test_message_that_was_not_acknowledged_has_its_own_outcome(
    failures: Mapping[str, Exception] | Exception, again: list[str], reasons: list[str]
) -> None:
    assert carry(Broker(failures)) == retried(*again)
    assert [each.attributes["reason"] for each in dead_lettered()] == reasons


def test_last_receive_ends_in_the_dead_letter_queue() -> None:
    assert carry(Broker(NotAcknowledgedError("down")), receive_count=5) == NO_FAILURES
    found = dead_lettered()
    assert {each.body for each in found} == set(BODIES)
    assert {each.attributes["error_class"] for each in found} == {"NotAcknowledgedError"}
    assert carry(Broker(OutOfTimeError()), BODIES[0], receive_count=5) == retried("message-0")


def test_fact_that_is_not_selected_is_acknowledged(monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
    monkeypatch.setenv("FACTS", '["OrderConfirmed"]')
    broker = Broker()
    assert carry(broker) == NO_FAILURES
    assert broker.sent == ["OrderConfirmed"]
    assert output.metrics()["Ignored"] == 2


def test_unreadable_message_does_not_stop_the_others() -> None:
    broker = Broker()
    forged = a_delivery(an_order_created(), source="payments")
    assert carry(broker, "{", forged, BODIES[0]) == NO_FAILURES
    assert broker.sent == ["OrderCreated"]
    reasons = {each.attributes["reason"] for each in dead_lettered()}
    assert reasons == {"json_invalid", "source_unauthorised"}
