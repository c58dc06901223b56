"""Tests of the consumer: each message of a batch has its own outcome."""

from datetime import timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from botocore.exceptions import ClientError

from functions.contracts.orders import OrderCancelled, OrderCreated
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import event_log
from functions.shared.event_store.idempotency import REMEMBERED
from functions.shared.event_store.powertools_layer import powertools_layer
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.consumer import Handler, consumer
from tests.now import NOW, frozen
from tests.unit.functions.account import dead_lettered, names_of_facts, rows
from tests.unit.functions.aws_faults import Crash, a_crash_publishes_no_metrics, failing
from tests.unit.functions.builders import (
    CAUSE,
    NO_FAILURES,
    ORDER,
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    a_payment_processed,
    an_order_cancelled,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

CREATED = a_delivery(an_order_created())


def order(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def created(number: int) -> str:
    return a_delivery(an_order_created(order_id=order(number)))


class Recorder:
    """A reaction that records its orders, and raises `failure` for the order `failing_order`."""

    def __init__(self, *, failure: BaseException | None = None, failing_order: str = "") -> None:
        self.handled: list[str] = []
        self.failure = failure
        self.failing_order = failing_order

    def __call__(self, event: Event[Any]) -> None:
        if self.failure is not None and event.fact.order_id == self.failing_order:
            raise self.failure
        self.handled.append(event.fact.order_id)


def handler_of(reaction: Recorder, store: Any = event_log) -> Handler:
    return consumer("under-test", {OrderCreated: reaction}, store=store)


def test_batch_returns_no_failures_when_all_succeed(output: Output) -> None:
    recorder = Recorder()
    response = handler_of(recorder)(a_batch(*[created(number) for number in range(10)]), Context())
    assert response == {"batchItemFailures": []}
    assert recorder.handled == [order(number) for number in range(10)]
    assert output.metrics() == {"Handled": 10}


@pytest.mark.parametrize(
    "failure", [ValueError("bad day"), ClientError({"Error": {"Code": "Slow"}}, "PutItem")]
)
def test_batch_retries_one_message_when_nine_succeed(failure: Exception, output: Output) -> None:
    recorder = Recorder(failure=failure, failing_order=order(3))
    response = handler_of(recorder)(a_batch(*[created(number) for number in range(10)]), Context())
    # Lambda reads these keys; with others it would retry all ten messages, or none.
    assert response == {"batchItemFailures": [{"itemIdentifier": "message-3"}]}
    assert recorder.handled == [order(number) for number in range(10) if number != 3]
    assert output.metrics() == {"Handled": 9, "Retried": 1}
    assert dead_lettered() == []


def test_batch_retries_every_message_when_all_fail(output: Output) -> None:
    def fail(event: Event[Any]) -> None:
        raise RuntimeError(event.id)

    handle = consumer("under-test", {OrderCreated: fail}, store=event_log)
    assert handle(a_batch(created(1), created(2)), Context()) == retried("message-0", "message-1")
    assert output.metrics() == {"Retried": 2}


@pytest.mark.parametrize(
    "body",
    [a_delivery(an_order_created(), type="OrderGiftWrapped"), a_delivery(a_payment_processed())],
    ids=["of a fact unknown here", "of a fact without a reaction"],
)
def test_message_is_kept_when_fact_has_no_reaction(body: str, output: Output) -> None:
    recorder = Recorder()
    assert handler_of(recorder)(a_batch(body), Context()) == retried("message-0")
    assert output.metrics() == {"Retried": 1, "NoReaction": 1}
    assert dead_lettered() == []
    assert handler_of(recorder)(a_batch(body, receive_count=5), Context()) == NO_FAILURES
    (message,) = dead_lettered()
    assert (message.body, message.attributes["reason"]) == (body, "no_reaction")
    assert recorder.handled == []


@pytest.mark.parametrize("layer", [event_log, powertools_layer], ids=["event log", "Powertools layer"])
def test_event_decides_once_when_delivered_twice(layer: Any) -> None:
    def cancel(event: Event[Any]) -> None:
        event_log().append(an_order_cancelled(order_id=event.fact.order_id), cause=event.as_cause())

    handle = consumer("under-test", {OrderCreated: cancel}, store=layer)
    assert handle(a_batch(CREATED, CREATED), Context()) == NO_FAILURES
    before = rows("EVENT_LOG_TABLE")
    assert handle(a_batch(CREATED, ids=["redriven"]), Context()) == NO_FAILURES
    assert rows("EVENT_LOG_TABLE") == before
    assert names_of_facts() == ["OrderCancelled"]


def test_powertools_layer_runs_a_reaction_once_per_event() -> None:
    recorder = Recorder()
    handle = handler_of(recorder, powertools_layer)
    for name in ("first", "second"):
        assert handle(a_batch(CREATED, created(7), ids=[name, f"{name}-other"]), Context()) == NO_FAILURES
    assert recorder.handled == [ORDER, order(7)]


def test_powertools_layer_keeps_records_longer_than_queues_keep_messages() -> None:
    with frozen():
        handler_of(Recorder(), powertools_layer)(a_batch(CREATED), Context())
    (record,) = rows("IDEMPOTENCY_TABLE")
    assert int(record["expires_at"]) == int((NOW + REMEMBERED).timestamp())
    assert record["status"] == "COMPLETED"
    prefix, _, digest = record["id"].partition("#")
    assert (prefix, len(digest)) == ("under-test.v1", 64)


def test_reaction_runs_again_when_it_failed() -> None:
    recorder = Recorder(failure=ValueError("bad day"), failing_order=ORDER)
    handle = handler_of(recorder, powertools_layer)
    assert handle(a_batch(CREATED), Context()) == retried("message-0")
    assert rows("IDEMPOTENCY_TABLE") == []
    recorder.failing_order = ""
    assert handle(a_batch(CREATED), Context()) == NO_FAILURES
    assert recorder.handled == [ORDER]


@a_crash_publishes_no_metrics
@pytest.mark.parametrize(
    ("receive_count", "response", "metric", "reasons"),
    [
        (4, retried("message-0"), "AlreadyInProgress", []),
        # SQS would dead-message it now, without a reason.
        (5, NO_FAILURES, "DeadLettered", ["in_progress"]),
    ],
)
def test_event_in_progress_is_retried_until_the_last_receive(
    receive_count: int, response: BatchResponse, metric: str, reasons: list[str], output: Output
) -> None:
    recorder = Recorder(failure=Crash(), failing_order=ORDER)
    handle = handler_of(recorder, powertools_layer)
    with frozen():
        with pytest.raises(Crash):
            handle(a_batch(CREATED), Context())
        recorder.failing_order = ""
        assert handle(a_batch(CREATED, created(1), receive_count=receive_count), Context()) == response
    assert recorder.handled == [order(1)]
    assert output.metrics() == {metric: 1, "Handled": 1}
    assert [message.attributes["reason"] for message in dead_lettered()] == reasons


@a_crash_publishes_no_metrics
def test_event_is_handled_when_a_crashed_function_timed_out() -> None:
    recorder = Recorder(failure=Crash(), failing_order=ORDER)
    handle = handler_of(recorder, powertools_layer)
    with frozen(), pytest.raises(Crash):
        handle(a_batch(CREATED), Context())
    recorder.failing_order = ""
    with frozen(NOW + timedelta(seconds=31)):
        assert handle(a_batch(CREATED), Context()) == NO_FAILURES
    assert recorder.handled == [ORDER]


def test_message_is_retried_when_the_idempotency_table_fails() -> None:
    recorder = Recorder()
    with failing(dynamodb(), "PutItem", "ProvisionedThroughputExceededException"):
        assert handler_of(recorder, powertools_layer)(a_batch(CREATED), Context()) == retried("message-0")
    assert recorder.handled == []


def test_store_is_created_at_the_first_batch() -> None:
    asked: list[str] = []

    def store() -> BasePersistenceLayer:
        asked.append("now")
        return event_log()

    handle = consumer("under-test", {OrderCancelled: Recorder()}, store=store)
    assert asked == []
    handle(a_batch(CREATED), Context())
    assert asked == ["now"]


def test_reaction_gets_the_event_as_cause() -> None:
    seen: list[Event[Any]] = []
    consumer("under-test", {OrderCreated: seen.append}, store=event_log)(a_batch(CREATED), Context())
    (event,) = seen
    assert event.fact == an_order_created()
    assert event.as_cause().correlation_id == CAUSE.correlation_id


def test_message_is_retried_when_too_little_time_is_left(output: Output) -> None:
    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return 6_999

    recorder = Recorder()
    assert handler_of(recorder)(a_batch(CREATED, created(1)), Late()) == retried("message-0", "message-1")
    assert recorder.handled == []
    assert {line["error_class"] for line in output.logs()} == {"OutOfTimeError"}


def test_message_is_never_dead_lettered_when_time_ran_out(output: Output) -> None:
    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return 6_999

    assert handler_of(Recorder())(a_batch(CREATED, receive_count=5), Late()) == retried("message-0")
    assert dead_lettered() == []
    assert output.metrics()["Retried"] == 1
