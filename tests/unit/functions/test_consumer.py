"""Each message of a batch comes to its own end: handled, ignored, or tried again."""

from datetime import timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from botocore.exceptions import ClientError

from functions.contracts.orders import OrderCancelled, OrderCreated
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import event_log
from functions.shared.event_store.powertools_layer import REMEMBERED, powertools_layer
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.consumer import Handler, consumer
from tests.now import frozen
from tests.unit.functions.account import names_of_facts, parked, rows
from tests.unit.functions.builders import (
    ALL_WELL,
    CAUSE,
    ORDER,
    TEN_O_CLOCK,
    Answer,
    Context,
    a_batch,
    a_delivery,
    a_payment_processed,
    an_order_cancelled,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output
from tests.unit.functions.trouble import Crash, a_crash_publishes_no_metrics, failing

pytestmark = pytest.mark.usefixtures("aws")

CREATED = a_delivery(an_order_created())


def order(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def created(number: int) -> str:
    return a_delivery(an_order_created(order_id=order(number)))


class Diary:
    """A reaction that notes what it was handed, and has trouble where it is told to."""

    def __init__(self, *, trouble: BaseException | None = None, troubled: str = "") -> None:
        self.handled: list[str] = []
        self.trouble = trouble
        self.troubled = troubled

    def __call__(self, event: Event[Any]) -> None:
        if self.trouble is not None and event.fact.order_id == self.troubled:
            raise self.trouble
        self.handled.append(event.fact.order_id)


def kernel(reaction: Diary, store: Any = event_log) -> Handler:
    return consumer("kernel", {OrderCreated: reaction}, store=store)


def test_a_batch_that_goes_well_is_answered_with_no_failures(output: Output) -> None:
    diary = Diary()
    answer = kernel(diary)(a_batch(*[created(number) for number in range(10)]), Context())
    assert answer == {"batchItemFailures": []}
    assert diary.handled == [order(number) for number in range(10)]
    assert output.metrics() == {"Handled": 10}


@pytest.mark.parametrize(
    "trouble", [ValueError("bad day"), ClientError({"Error": {"Code": "Slow"}}, "PutItem")]
)
def test_nine_of_ten_proceed_while_one_is_tried_again(trouble: Exception, output: Output) -> None:
    diary = Diary(trouble=trouble, troubled=order(3))
    answer = kernel(diary)(a_batch(*[created(number) for number in range(10)]), Context())
    # The keys are Lambda's; with any other, all ten would come again, or none.
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-3"}]}
    assert diary.handled == [order(number) for number in range(10) if number != 3]
    assert output.metrics() == {"Handled": 9, "Retried": 1}
    assert parked() == []


def test_where_all_of_a_batch_fail_each_is_tried_again(output: Output) -> None:
    def fail(event: Event[Any]) -> None:
        raise RuntimeError(event.id)

    handle = consumer("kernel", {OrderCreated: fail}, store=event_log)
    assert handle(a_batch(created(1), created(2)), Context()) == retried("message-0", "message-1")
    assert output.metrics() == {"Retried": 2}


@pytest.mark.parametrize(
    ("body", "metrics"),
    [
        (a_delivery(an_order_created(), type="OrderGiftWrapped"), {"Ignored": 1, "UnknownFact": 1}),
        (a_delivery(a_payment_processed()), {"Ignored": 1}),
    ],
    ids=["of a newer producer", "for somebody else"],
)
def test_a_fact_without_a_reaction_is_acknowledged_and_counted(
    body: str, metrics: dict[str, int], output: Output
) -> None:
    diary = Diary()
    assert kernel(diary)(a_batch(body, receive_count=5), Context()) == ALL_WELL
    assert diary.handled == []
    assert output.metrics() == metrics
    assert output.logs() == []
    assert parked() == []


@pytest.mark.parametrize("layer", [event_log, powertools_layer], ids=["event log", "stock layer"])
def test_an_event_that_comes_twice_decides_once(layer: Any) -> None:
    def cancel(event: Event[Any]) -> None:
        event_log().append(an_order_cancelled(order_id=event.fact.order_id), cause=event.as_cause())

    handle = consumer("kernel", {OrderCreated: cancel}, store=layer)
    assert handle(a_batch(CREATED, CREATED), Context()) == ALL_WELL
    before = rows("EVENT_LOG_TABLE")
    assert handle(a_batch(CREATED, ids=["redriven"]), Context()) == ALL_WELL
    assert rows("EVENT_LOG_TABLE") == before
    assert names_of_facts() == ["OrderCancelled"]


def test_the_stock_layer_has_the_reaction_run_once_for_each_event() -> None:
    diary = Diary()
    handle = kernel(diary, powertools_layer)
    for name in ("first", "second"):
        assert handle(a_batch(CREATED, created(7), ids=[name, f"{name}-other"]), Context()) == ALL_WELL
    assert diary.handled == [ORDER, order(7)]


def test_the_stock_layer_remembers_an_event_longer_than_any_queue_keeps_a_message() -> None:
    with frozen():
        kernel(Diary(), powertools_layer)(a_batch(CREATED), Context())
    (record,) = rows("IDEMPOTENCY_TABLE")
    assert int(record["expires_at"]) == int((TEN_O_CLOCK + REMEMBERED).timestamp())
    assert record["status"] == "COMPLETED"
    prefix, _, digest = record["id"].partition("#")
    assert (prefix, len(digest)) == ("kernel.v1", 64)


def test_a_reaction_that_failed_is_forgotten_so_that_it_can_be_tried_again() -> None:
    diary = Diary(trouble=ValueError("bad day"), troubled=ORDER)
    handle = kernel(diary, powertools_layer)
    assert handle(a_batch(CREATED), Context()) == retried("message-0")
    assert rows("IDEMPOTENCY_TABLE") == []
    diary.troubled = ""
    assert handle(a_batch(CREATED), Context()) == ALL_WELL
    assert diary.handled == [ORDER]


@a_crash_publishes_no_metrics
@pytest.mark.parametrize(
    ("receive_count", "answer", "metric", "reasons"),
    [
        (4, retried("message-0"), "AlreadyInProgress", []),
        # SQS would set it aside now, and would not say why.
        (5, ALL_WELL, "DeadLettered", ["in_progress"]),
    ],
)
def test_an_event_in_other_hands_is_tried_again_as_long_as_it_may_be(
    receive_count: int, answer: Answer, metric: str, reasons: list[str], output: Output
) -> None:
    diary = Diary(trouble=Crash(), troubled=ORDER)
    handle = kernel(diary, powertools_layer)
    with frozen():
        with pytest.raises(Crash):
            handle(a_batch(CREATED), Context())
        diary.troubled = ""
        assert handle(a_batch(CREATED, created(1), receive_count=receive_count), Context()) == answer
    assert diary.handled == [order(1)]
    assert output.metrics() == {metric: 1, "Handled": 1}
    assert [letter.attributes["reason"] for letter in parked()] == reasons


@a_crash_publishes_no_metrics
def test_an_event_whose_function_died_is_taken_up_when_its_time_is_over() -> None:
    diary = Diary(trouble=Crash(), troubled=ORDER)
    handle = kernel(diary, powertools_layer)
    with frozen(), pytest.raises(Crash):
        handle(a_batch(CREATED), Context())
    diary.troubled = ""
    with frozen(TEN_O_CLOCK + timedelta(seconds=31)):
        assert handle(a_batch(CREATED), Context()) == ALL_WELL
    assert diary.handled == [ORDER]


def test_where_the_idempotency_table_does_not_answer_nothing_is_done_and_all_is_tried_again() -> None:
    diary = Diary()
    with failing(dynamodb(), "PutItem", "ProvisionedThroughputExceededException"):
        assert kernel(diary, powertools_layer)(a_batch(CREATED), Context()) == retried("message-0")
    assert diary.handled == []


def test_the_store_is_asked_for_when_a_batch_comes_and_not_at_import() -> None:
    asked: list[str] = []

    def store() -> BasePersistenceLayer:
        asked.append("now")
        return event_log()

    handle = consumer("kernel", {OrderCancelled: Diary()}, store=store)
    assert asked == []
    handle(a_batch(CREATED), Context())
    assert asked == ["now"]


def test_the_cause_of_what_is_decided_is_the_event_that_led_to_it() -> None:
    seen: list[Event[Any]] = []
    consumer("kernel", {OrderCreated: seen.append}, store=event_log)(a_batch(CREATED), Context())
    (event,) = seen
    assert event.fact == an_order_created()
    assert event.as_cause().correlation_id == CAUSE.correlation_id


def test_a_message_is_not_begun_where_too_little_time_is_left_to_end_it(output: Output) -> None:
    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return 6_999

    diary = Diary()
    assert kernel(diary)(a_batch(CREATED, created(1)), Late()) == retried("message-0", "message-1")
    assert diary.handled == []
    assert {line["error_class"] for line in output.logs()} == {"OutOfTimeError"}


def test_a_message_not_started_is_never_dead_lettered(output: Output) -> None:
    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return 6_999

    assert kernel(Diary())(a_batch(CREATED, receive_count=5), Late()) == retried("message-0")
    assert parked() == []
    assert output.metrics()["Retried"] == 1
