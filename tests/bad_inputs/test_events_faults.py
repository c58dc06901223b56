"""Messages that fail, functions that die, and wiring that is wrong: nothing is lost, and nothing is twice."""

from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.inventory.handler import handle
from functions.relay.handler import handle as relay
from functions.shared.runtime.batch import NotABatchError
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.dead_letter import dead_letter
from functions.shared.runtime.received import Received
from tests.bad_inputs.event_row import CANARY, bus, sns
from tests.unit.functions import account
from tests.unit.functions.account import available_stock, dead_lettered, everything, names_of_facts
from tests.unit.functions.aws_faults import Crash, a_crash_publishes_no_metrics, dying_after, failing
from tests.unit.functions.builders import NO_FAILURES, Context, a_batch, a_delivery, an_order_created, retried
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

THREE = [a_delivery(an_order_created(order_id=f"00000000-0000-4000-8000-{n:012}")) for n in range(3)]


@pytest.fixture(autouse=True)
def stock(aws: None) -> None:
    account.stock(TEAPOT=100, CUP=100)


def test_e36_failing_message_is_dead_lettered_at_last_receive() -> None:
    def poisoned(params: dict[str, Any], **_: Any) -> None:
        if "000000000001" in str(params):
            raise RuntimeError(CANARY)

    client = dynamodb()
    client.meta.events.register_first("before-call.dynamodb", poisoned)
    try:
        assert handle(a_batch(*THREE), Context()) == retried("message-1")
        assert handle(a_batch(THREE[1], receive_count=4), Context()) == retried("message-0")
        assert handle(a_batch(THREE[1], receive_count=5), Context()) == NO_FAILURES
    finally:
        client.meta.events.unregister("before-call.dynamodb", poisoned)
    (message,) = dead_lettered()
    known = {"reason": "reaction_failed", "error_class": "RuntimeError", "detail": "-", "receive_count": "5"}
    assert {name: message.attributes[name] for name in known} == known
    assert CANARY not in str(message.attributes)
    assert names_of_facts() == ["InventoryReserved"] * 2


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("nth", range(3))
def test_e37_crashing_batch_is_retried_with_effects_once(nth: int) -> None:
    with pytest.raises(Crash), dying_after(dynamodb(), nth=nth):
        handle(a_batch(*THREE), Context())
    assert handle(a_batch(*THREE, receive_count=2), Context()) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"] * 3
    assert available_stock() == {"TEAPOT": 97, "CUP": 88}


def test_e37_slow_batch_returns_messages_when_time_is_short() -> None:
    class Hasty(Context):
        left = iter((30_000, 30_000, 30_000, 6_999, 6_999))

        @classmethod
        def get_remaining_time_in_millis(cls) -> int:
            return next(cls.left, 6_999)

    response = handle(a_batch(*THREE), Hasty())
    assert response["batchItemFailures"][-1] == {"itemIdentifier": "message-2"}
    assert 0 < len(names_of_facts()) < 3


def test_e38_batch_returns_all_messages_when_all_fail() -> None:
    with failing(dynamodb(), "TransactWriteItems", "ThrottlingException"):
        assert handle(a_batch(*THREE), Context()) == retried("message-0", "message-1", "message-2")


WIRED_WRONG = {
    "nothing": {},
    "no records": {"Records": []},
    "records of another kind": {"Records": "all"},
    "another source": {"Records": [{"eventSource": "aws:kinesis", "messageId": "m", "eventID": "e"}]},
    "no name": {"Records": [{"eventSource": "aws:sqs"}, {"eventSource": "aws:dynamodb"}]},
}


@pytest.mark.filterwarnings("ignore:No application metrics to publish:UserWarning")
@pytest.mark.parametrize("event", WIRED_WRONG.values(), ids=WIRED_WRONG.keys())
@pytest.mark.parametrize("function", [handle, relay], ids=["consumer", "relay"])
def test_e39_function_raises_for_another_event_source(function: Any, event: dict[str, Any]) -> None:
    with pytest.raises(NotABatchError):
        function(event, Context())


@pytest.mark.filterwarnings("ignore:No application metrics to publish:UserWarning")
def test_e39_function_raises_for_a_message_without_id() -> None:
    for spoil in ({"messageId": ""}, {"messageId": None}):
        batch = a_batch(*THREE)
        batch["Records"][1] |= spoil
        with pytest.raises(NotABatchError):
            handle(batch, Context())
    assert names_of_facts() == []


@pytest.mark.parametrize(
    "code",
    ["KMSAccessDeniedException", "AccessDeniedException", "KMSThrottlingException", "InternalServerError"],
)
def test_e50_message_is_retried_when_aws_denies_access(code: str, output: Output) -> None:
    before = everything()
    with failing(dynamodb(), "TransactWriteItems", code):
        assert handle(a_batch(THREE[0], receive_count=4), Context()) == retried("message-0")
    assert (everything(), dead_lettered()) == (before, [])
    assert output.metrics() == {"Retried": 1}
    assert handle(a_batch(THREE[0], receive_count=5), Context()) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"]


def test_e47_redriven_message_is_read_from_every_source() -> None:
    """A rule's and a queue's are the event itself, a subscription's may be wrapped; a stream's holds none."""
    pointers = '{"requestContext": {}, "DDBStreamBatchInfo": {"shardId": "s", "startSequenceNumber": "1"}}'
    bodies = (bus(), sns(bus()), bus(), pointers)
    assert handle(a_batch(*bodies), Context()) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"]
    assert [(message.body, message.attributes["reason"]) for message in dead_lettered()] == [
        (pointers, "json_invalid")
    ]


def test_e52_attribute_is_one_line_for_any_message() -> None:
    record = a_batch(THREE[0], ids=["two\nlines\r\n{}"])["Records"][0]
    dead_letter(Received.of(SQSRecord(record)), ValueError("a\nb"), consumer="inventory")
    (message,) = dead_lettered()
    assert all(value.isprintable() for value in message.attributes.values())
