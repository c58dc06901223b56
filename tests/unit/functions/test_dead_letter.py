"""Tests of dead-lettering: whole messages, with the reason, and none lost."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.contracts.orders import OrderCreated
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import sqs
from functions.shared.runtime.consumer import Handler, consumer
from functions.shared.runtime.failure import NotYetError
from tests.unit.functions.account import Message, dead_lettered
from tests.unit.functions.aws_faults import failing
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    Context,
    a_batch,
    a_delivery,
    an_event,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

CANARY = "c4n4ry@example.com"
CUSTOMER = {"customer_id": "c4n4ry", "email": CANARY}
CREATED = a_delivery(
    an_order_created(), data={**json.loads(a_delivery(an_order_created()))["detail"]["data"]}
)


def failing_handler(failure: Exception) -> Handler:
    def fail(event: Event[Any]) -> None:
        raise failure

    return consumer("under-test", {OrderCreated: fail}, store=event_log)


def only(messages: list[Message]) -> Message:
    (message,) = messages
    return message


def test_message_is_dead_lettered_at_its_last_receive(
    output: Output,
) -> None:
    handle = failing_handler(NotYetError("no such order yet"))
    assert handle(a_batch(CREATED, receive_count=5), Context()) == NO_FAILURES
    assert only(dead_lettered()) == Message(
        body=CREATED,
        attributes={
            "reason": "precondition_missing",
            "detail": "no such order yet",
            "error_class": "NotYetError",
            "consumer": "under-test",
            "event_id": an_event(an_order_created()).id,
            "schema": "urn:orderbus:schema:orders:OrderCreated:2",
            "message_id": "message-0",
            "receive_count": "5",
            "first_seen": "1795428000001",
        },
    )
    assert output.metrics() == {"DeadLettered": 1}


@pytest.mark.parametrize(("receive_count", "is_last"), [(1, False), (4, False), (5, True), (6, True)])
def test_message_is_dead_lettered_only_at_the_last_receive(receive_count: int, *, is_last: bool) -> None:
    response = failing_handler(ValueError("bad day"))(
        a_batch(CREATED, receive_count=receive_count), Context()
    )
    assert response == (NO_FAILURES if is_last else retried("message-0"))
    assert len(dead_lettered()) == int(is_last)


def test_last_receive_is_a_setting_of_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_RECEIVE_COUNT", "2")
    assert failing_handler(ValueError("bad day"))(a_batch(CREATED, receive_count=2), Context()) == NO_FAILURES
    assert only(dead_lettered()).attributes["receive_count"] == "2"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("not json", "json_invalid"),
        (a_delivery(an_order_created(), id="not-a-uuid"), "envelope_invalid"),
        (a_delivery(an_order_created(), source="mallory"), "source_unauthorised"),
        (a_delivery(an_order_created(), dataschema="urn:other"), "schema_unsupported"),
        (a_delivery(an_order_created(), data={"order_id": ORDER}), "data_invalid"),
    ],
)
def test_malformed_message_is_dead_lettered_at_its_first_receive(body: str, reason: str) -> None:
    handle = failing_handler(ValueError("never asked"))
    assert handle(a_batch(body), Context()) == NO_FAILURES
    message = only(dead_lettered())
    assert message.body == body
    assert message.attributes["reason"] == reason
    assert message.attributes["error_class"] == "Rejected"
    assert message.attributes["receive_count"] == "1"


def test_message_is_dead_lettered_when_its_reaction_rejects_it() -> None:
    handle = failing_handler(Rejected("idempotency_key_reused", "the key was used for another order"))
    assert handle(a_batch(CREATED), Context()) == NO_FAILURES
    assert only(dead_lettered()).attributes["reason"] == "idempotency_key_reused"


def test_batch_continues_when_one_message_is_dead_lettered() -> None:
    seen: list[Event[Any]] = []
    handle = consumer("under-test", {OrderCreated: seen.append}, store=event_log)
    assert handle(a_batch(CREATED, "not json", CREATED), Context()) == NO_FAILURES
    assert [event.subject for event in seen] == [ORDER, ORDER]
    assert only(dead_lettered()).attributes["message_id"] == "message-1"


@pytest.mark.parametrize("body", ["not json", CREATED])
def test_message_is_retried_when_dead_lettering_fails(body: str, output: Output) -> None:
    handle = failing_handler(ValueError("bad day"))
    with failing(sqs(), "SendMessage", "ServiceUnavailable"):
        assert handle(a_batch(body, receive_count=5), Context()) == retried("message-0")
    assert dead_lettered() == []
    assert output.metrics() == {"NotDeadLettered": 1}
    assert [(line["message"], line["error_class"]) for line in output.logs()] == [
        ("not dead-lettered", "ClientError")
    ]


def test_message_is_retried_when_no_queue_is_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DEAD_LETTER_QUEUE_URL")
    handle = failing_handler(ValueError("bad day"))
    assert handle(a_batch(CREATED, receive_count=5), Context()) == retried("message-0")


@pytest.mark.parametrize(
    ("error_text", "detail"),
    [
        ("", "-"),
        ("two\nlines\tand\x00more\x7f", "two lines and more "),
        ("x" * 300, "x" * 256),
        ("é\U0001f980", "é\U0001f980"),
    ],
)
def test_detail_is_short_and_printable(error_text: str, detail: str) -> None:
    failing_handler(NotYetError(error_text))(a_batch(CREATED, receive_count=5), Context())
    assert only(dead_lettered()).attributes["detail"] == detail


@pytest.mark.parametrize(
    ("failure", "detail"),
    [
        (ValueError(f"no message to {CANARY}"), "-"),
        (
            ClientError({"Error": {"Code": "MessageRejected", "Message": f"who is {CANARY}?"}}, "SendEmail"),
            "SendEmail: MessageRejected",
        ),
    ],
    ids=["of a library", "of an AWS service"],
)
def test_detail_leaves_out_errors_of_other_libraries(failure: Exception, detail: str) -> None:
    failing_handler(failure)(a_batch(CREATED, receive_count=5), Context())
    attributes = only(dead_lettered()).attributes
    assert attributes["detail"] == detail
    assert "c4n4ry" not in str(attributes)


def test_log_line_names_the_message_and_its_failure(output: Output) -> None:
    failing_handler(LookupError("no such order yet"))(a_batch(CREATED, "not json"), Context())
    names = ("message", "level", "error_class", "reason", "message_id", "receive_count")
    known = [{name: line[name] for name in names if name in line} for line in output.logs()]
    assert known == [
        {
            "message": "retried",
            "level": "WARNING",
            "error_class": "LookupError",
            "reason": "reaction_failed",
            "message_id": "message-0",
            "receive_count": "1",
        },
        {
            "message": "dead-lettered",
            "level": "WARNING",
            "error_class": "Rejected",
            "reason": "json_invalid",
            "message_id": "message-1",
            "receive_count": "1",
        },
    ]


@pytest.mark.parametrize("receive_count", [1, 5])
def test_output_holds_no_content_of_messages(receive_count: int, output: Output) -> None:
    order = an_order_created(payment_method="pm_c4n4ry")
    data = json.loads(a_delivery(order))["detail"]["data"] | CUSTOMER
    bodies = [
        a_delivery(order, data=data),
        a_delivery(order, data={**data, "total": {"amount": 1, "currency": "c4n4ry"}}),
        a_delivery(order, data=data, type="c4n4ry"),
        a_delivery(order, data=data, source="c4n4ry"),
        '{"c4n4ry',
    ]
    handle = failing_handler(ValueError(f"no message to {CANARY}"))
    handle(a_batch(*bodies, receive_count=receive_count), Context())
    assert "c4n4ry" not in output.everything()
    # The queue keeps the bodies; two messages are retried until their last receive.
    assert ["c4n4ry" in message.body for message in dead_lettered()] == [True] * (
        3 if receive_count == 1 else 5
    )
