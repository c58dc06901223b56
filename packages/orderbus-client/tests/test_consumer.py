"""The consumer reads every shape, reacts once, and reports each message."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from facts import a_delivery, document, record

from orderbus_client import Event, EventConsumer, MemoryProcessedEvents
from orderbus_client.contracts.shared.codec import Rejected, UnknownFactError
from orderbus_client.events import OrderCancelled, StockReplenished
from orderbus_client.queue_message import event_in

Seen = list[Event[Any]]


def on_the_bus(detail: str) -> str:
    event = json.loads(detail)
    return json.dumps({"source": event["source"], "detail-type": event["type"], "detail": event})


def in_a_notification(detail: str) -> str:
    return json.dumps({"Type": "Notification", "Message": on_the_bus(detail)})


def consumer(seen: Seen, *, fails: int = 0) -> EventConsumer:
    """Return a consumer whose reaction fails that often first."""

    def react(event: Event[Any]) -> None:
        seen.append(event)
        if len(seen) <= fails:
            raise RuntimeError(event.fact.replenishment_id)

    return EventConsumer({StockReplenished: react}, processed=MemoryProcessedEvents())


def outcomes(consumer: EventConsumer, *records: dict[str, Any]) -> list[str]:
    return [each.outcome.value for each in consumer.handle({"Records": list(records)}).messages]


@pytest.mark.parametrize("wrapped", [str, on_the_bus, in_a_notification], ids=["document", "bus", "sns"])
def test_event_is_read_in_every_wrapping(wrapped: Callable[[str], str]) -> None:
    seen: Seen = []
    assert outcomes(consumer(seen), record(wrapped(document()))) == ["reacted"]
    assert [event.fact for event in seen] == [a_delivery().fact]


def test_second_copy_is_a_duplicate_and_not_returned() -> None:
    seen: Seen = []
    report = consumer(seen).handle({"Records": [record(document()), record(on_the_bus(document()), "m2")]})
    assert report.counts() == {"duplicate": 1, "reacted": 1}
    assert len(seen) == 1
    assert report.lambda_response() == {"batchItemFailures": []}


def test_failed_reaction_is_returned_and_succeeds_later() -> None:
    seen: Seen = []
    queue = consumer(seen, fails=1)
    report = queue.handle({"Records": [record(document()), record(document(2), "m2")]})
    assert report.lambda_response() == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert report.messages[0].reason == "RuntimeError"
    assert isinstance(report.messages[0].error, RuntimeError)
    assert outcomes(queue, record(document())) == ["reacted"]


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", "{}", "not JSON", '{"specversion": "1.0"}', document().replace('"sku"', '"no"')],
)
def test_poison_is_reported_and_returned(body: str) -> None:
    report = consumer([]).handle({"Records": [record(body)]})
    (message,) = report.messages
    assert message.outcome.value == "poison"
    assert message.reason
    assert report.lambda_response() == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_other_types_are_ignored_with_a_report() -> None:
    queue = EventConsumer({OrderCancelled: lambda _: None}, processed=MemoryProcessedEvents())
    newer = document().replace("StockReplenished", "StockTeleported")
    report = queue.handle({"Records": [record(document()), record(newer, "m2")]})
    assert [each.outcome.value for each in report.messages] == ["ignored", "unknown"]
    assert report.messages[0].event_type == "StockReplenished"
    assert report.lambda_response() == {"batchItemFailures": []}


def test_group_is_held_back_behind_a_failure_in_order() -> None:
    fields = {"eventSourceARN": "arn:aws:sqs:eu-west-1:1:q.fifo", "attributes": {"MessageGroupId": "g"}}
    other = {**fields, "attributes": {"MessageGroupId": "h"}}
    records = [
        record(document(1), "m1", **fields),
        record(document(2), "m2", **fields),
        record(document(3), "m3", **other),
    ]
    assert outcomes(consumer([], fails=1), *records) == ["failed", "held_back", "reacted"]


def test_reason_and_log_hold_nothing_of_the_content(caplog: pytest.LogCaptureFixture) -> None:
    consumer([], fails=9).handle({"Records": [record(document()), record("secret-1", "m2")]})
    assert "delivery-1" not in caplog.text
    assert "secret-1" not in caplog.text
    assert "failed StockReplenished" in caplog.text


def test_consumer_without_reactions_is_rejected() -> None:
    with pytest.raises(ValueError, match="one reaction or more"):
        EventConsumer({}, processed=MemoryProcessedEvents())


def test_reader_raises_for_poison_and_newer_types() -> None:
    with pytest.raises(Rejected, match="json_invalid"):
        event_in("nothing")
    with pytest.raises(UnknownFactError):
        event_in(document().replace("StockReplenished", "StockTeleported"))
