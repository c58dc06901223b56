"""Tests of retries after contention: a few attempts within the time left."""

from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError

from functions.inventory.handler import handle
from functions.shared.event_store.event_log import EventLog
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.retry import ATTEMPTS, FIRST_PAUSE_SECONDS, RESERVE_SECONDS, Retries, retries
from functions.shared.runtime.telemetry import telemetry_of
from tests.now import NOW
from tests.unit.functions.account import available_stock, names_of_facts, stock
from tests.unit.functions.aws_faults import failing
from tests.unit.functions.builders import (
    CAUSE,
    NO_FAILURES,
    Context,
    a_batch,
    a_delivery,
    an_inventory_reserved,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

CANCELLED = "TransactionCanceledException"


def cancelled(*reasons: str) -> ClientError:
    error = {"Code": CANCELLED, "Message": "cancelled"}
    response = {"Error": error, "CancellationReasons": [{"Code": reason} for reason in reasons]}
    return ClientError(response, "TransactWriteItems")  # type: ignore[arg-type]  # as DynamoDB's has it


@dataclass
class Busy:
    """A call that fails this many times before it succeeds."""

    times: int
    error: ClientError = field(default_factory=lambda: cancelled("None", "TransactionConflict"))
    calls: int = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return "done"


@dataclass
class Hurried(Context):
    """A Lambda context with this much time left."""

    milliseconds: int

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]  # Powertools' is static
        return self.milliseconds


def patient(pauses: list[float], chance: float = 1.0) -> Retries:
    return Retries(chance=lambda: chance, sleep=pauses.append)


def test_pause_is_a_random_share_that_doubles() -> None:
    pauses: list[float] = []
    assert patient(pauses, chance=0.5).run(Busy(ATTEMPTS - 1)) == "done"
    assert pauses == [0.5 * FIRST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS]


def test_call_raises_when_contention_outlasts_all_attempts() -> None:
    pauses: list[float] = []
    call = Busy(ATTEMPTS)
    with pytest.raises(ClientError):
        patient(pauses).run(call)
    assert (call.calls, len(pauses)) == (ATTEMPTS, ATTEMPTS - 1)


@pytest.mark.parametrize(
    "reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
def test_transaction_is_retried_after_conflict_or_throttling(reason: str) -> None:
    assert patient([]).run(Busy(1, cancelled("None", reason))) == "done"


@pytest.mark.parametrize("code", ["TransactionConflictException", "TooManyRequestsException"])
def test_single_call_is_retried_after_contention(code: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": "not now"}}, "UpdateItem")
    assert patient([]).run(Busy(1, error)) == "done"


@pytest.mark.parametrize(
    "error",
    [
        cancelled("ConditionalCheckFailed", "TransactionConflict"),
        cancelled("None", "ConditionalCheckFailed"),
        cancelled("ValidationError"),
        cancelled(),
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "TransactWriteItems"),
    ],
    ids=["decided before", "refused", "invalid", "unexplained", "not allowed"],
)
def test_error_is_raised_when_it_is_not_contention(error: ClientError) -> None:
    call = Busy(1, error)
    with pytest.raises(ClientError):
        patient([]).run(call)
    assert call.calls == 1


@pytest.mark.parametrize(
    ("margin_seconds", "calls"), [(0.01, 2), (-0.01, 1)], ids=["just enough", "too little"]
)
def test_pause_leaves_time_for_the_last_attempt(margin_seconds: float, calls: int) -> None:
    met = patient([])
    met.serve(
        Hurried(int((FIRST_PAUSE_SECONDS + RESERVE_SECONDS + margin_seconds) * 1000)),
        telemetry_of("under-test"),
    )
    call = Busy(1)
    if calls == 1:
        with pytest.raises(ClientError):
            met.run(call)
    else:
        assert met.run(call) == "done"
    assert call.calls == calls
    telemetry_of("under-test").metrics.clear_metrics()


@pytest.mark.usefixtures("aws")
def test_log_appends_a_decision_once_after_retries() -> None:
    pauses: list[float] = []
    log = EventLog(clock=lambda: NOW, retries=patient(pauses))
    conflict = failing(dynamodb(), "PutItem", "TransactionConflictException")
    with conflict, pytest.raises(ClientError):
        log.append(an_inventory_reserved(), cause=CAUSE)
    assert len(pauses) == ATTEMPTS - 1
    assert log.append(an_inventory_reserved(), cause=CAUSE).event.fact == an_inventory_reserved()
    assert names_of_facts() == ["InventoryReserved"]


@pytest.mark.usefixtures("aws")
def test_consumer_counts_conflicts_and_retries_the_message(
    output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries(), "_sleep", lambda _: None)
    stock(TEAPOT=3, CUP=10)
    batch = a_batch(a_delivery(an_order_created()))
    with failing(dynamodb(), "TransactWriteItems", CANCELLED, ["None", "TransactionConflict"]):
        assert handle(batch, Context()) == retried("message-0")
    assert output.metrics()["Conflicted"] == ATTEMPTS - 1
    assert handle(batch, Context()) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 2, "CUP": 6}
