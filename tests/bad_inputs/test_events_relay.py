"""Malformed rows of the event log are dead-lettered, skipped or retried."""

import json
from typing import Any

import pytest

from functions.relay.handler import handle
from functions.shared.contracts import codec
from functions.shared.runtime.clients import events
from tests.unit.functions.account import dead_lettered
from tests.unit.functions.aws_faults import amending
from tests.unit.functions.builders import Context, an_event, an_order_created
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

DOCUMENT = codec.write(an_event(an_order_created()))


def change(number: int, name: str = "INSERT", **image: Any) -> dict[str, Any]:
    """Return the stream record of a row."""
    return {
        "eventID": f"{number:032}",
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "SequenceNumber": f"{1000 + number}",
            "ApproximateCreationDateTime": 1795428000,
            "NewImage": {"pk": {"S": "orders#1"}, **image},
        },
    }


def fact(number: int, document: str = DOCUMENT) -> dict[str, Any]:
    return change(number, event={"S": document})


def relay(*changes: dict[str, Any]) -> list[str]:
    """The sequence numbers from which Lambda is to come again."""
    response = handle({"Records": list(changes)}, Context())
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def responding(*codes: str | None) -> Any:
    """EventBridge's verdict on each entry of a request."""

    def amend(response: dict[str, Any]) -> None:
        response["Entries"] = [{"ErrorCode": code} if code else {"EventId": "1"} for code in codes]
        response["FailedEntryCount"] = len(codes) - codes.count(None)

    return amending(events(), "PutEvents", amend)


def dead_lettered_rows() -> list[tuple[str, str]]:
    return [(message.attributes["reason"], message.attributes["message_id"]) for message in dead_lettered()]


def test_e31_event_is_dead_lettered_alone_when_too_large(output: Output) -> None:
    large = DOCUMENT[:-1] + f', "note": "{"x" * codec.MAXIMUM_BYTES}"}}'
    assert relay(fact(1), fact(2, large), fact(3)) == []
    assert dead_lettered_rows() == [("event_too_large", "1002")]
    assert output.metrics() == {"Published": 2, "DeadLettered": 1}


@pytest.mark.parametrize("text", ["\x00", "\x01", "\ufffe", "\x0b"])
def test_e33_text_is_dead_lettered_when_invalid_for_sqs(text: str) -> None:
    assert relay(fact(1), fact(2, f"no {text} event")) == []
    (message,) = dead_lettered()
    assert message.attributes["reason"] == "row_malformed"
    assert json.loads(message.body) == f"no {text} event"
    assert message.body.isascii()
    assert text not in message.body


def test_e41_modified_or_removed_row_is_not_published(output: Output) -> None:
    removed, modified = change(1, "REMOVE"), change(3, "MODIFY", event={"S": DOCUMENT})
    del removed["dynamodb"]["NewImage"]
    assert relay(removed, fact(2), modified) == []
    assert dead_lettered() == []
    assert output.metrics() == {"Published": 1, "Skipped": 2}


@pytest.mark.parametrize(
    "image", [{}, {"event": {"S": "{}"}}, {"event": {"S": "x"}}, {"event": {"N": "1"}}, {"event": {"S": ""}}]
)
def test_e42_row_without_a_fact_is_dead_lettered(image: dict[str, Any], output: Output) -> None:
    assert relay(fact(1), change(2, **image), fact(3)) == []
    assert dead_lettered_rows() == [("row_malformed", "1002")]
    assert output.metrics() == {"Published": 2, "DeadLettered": 1}


def test_e43_malformed_entry_is_dead_lettered_alone(output: Output) -> None:
    with responding(None, "MalformedDetail", None):
        assert relay(fact(1), fact(2), fact(3)) == []
    assert dead_lettered_rows() == [("put_events_refused", "1002")]
    assert output.metrics() == {"Published": 2, "DeadLettered": 1}


def test_e44_throttled_entry_is_retried_with_all_after_it(output: Output) -> None:
    with responding(None, "ThrottlingException", "MalformedDetail"):
        assert relay(fact(1), fact(2), fact(3)) == ["1002"]
    assert dead_lettered_rows() == []
    assert output.metrics() == {"Published": 1, "PublishFailed": 1}
