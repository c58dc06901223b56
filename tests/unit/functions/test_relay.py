"""Tests of the relay: it publishes in order, and returns the first row that failed."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.relay.handler import handle
from functions.relay.publisher import PERMANENT_CODES
from functions.shared.contracts import codec
from functions.shared.contracts.delivery import read_delivery
from functions.shared.runtime.clients import events, sqs
from functions.shared.runtime.telemetry import NAMED_BY_THE_LOG_GROUP
from tests.unit.functions.account import ACCOUNT, ENVIRONMENT, REGION, client, dead_lettered
from tests.unit.functions.aws_faults import amending, failing, recorded_calls
from tests.unit.functions.builders import Context, a_document, an_event, an_order_confirmed, an_order_created
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws", "published")

BUS = ENVIRONMENT["EVENT_BUS_NAME"]


@pytest.fixture
def published(aws: None) -> None:
    """A queue that receives every event on the order bus."""
    client("sqs").create_queue(QueueName="published")
    client("events").put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"account": [ACCOUNT]}))
    target = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:published"}
    client("events").put_targets(Rule="all", EventBusName=BUS, Targets=[target])


def order(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def record(number: int) -> dict[str, Any]:
    """A stream record of a new row in the event log."""
    document = codec.write(an_event(an_order_created(order_id=order(number))))
    return {
        "eventID": f"{number:032}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "SequenceNumber": f"{1000 + number}",
            "ApproximateCreationDateTime": 1795428000,
            "NewImage": {"pk": {"S": f"orders#{order(number)}"}, "event": {"S": document}},
        },
    }


def deliver(*numbers: int) -> Any:
    return handle({"Records": [record(number) for number in numbers]}, Context())


def events_of_the_bus() -> list[dict[str, Any]]:
    """Return all events of the bus, in order."""
    bodies: list[dict[str, Any]] = []
    while (
        messages := client("sqs")
        .receive_message(
            QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/published", MaxNumberOfMessages=10
        )
        .get("Messages")
    ):
        bodies += [json.loads(message["Body"]) for message in messages]
    return bodies


def subjects() -> list[str]:
    return [body["detail"]["subject"] for body in events_of_the_bus()]


def rejecting(*places: int) -> Any:
    """Have EventBridge reject these entries of every request."""

    def reject(response: dict[str, Any]) -> None:
        for place in places:
            response["Entries"][place] = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
        response["FailedEntryCount"] = len(places)

    return amending(events(), "PutEvents", reject)


def test_fact_is_published_unchanged(output: Output) -> None:
    assert deliver(1) == {"batchItemFailures": []}
    (event,) = events_of_the_bus()
    assert event["source"] == "orders"
    assert event["detail-type"] == "OrderCreated"
    assert event["detail"] == a_document(an_order_created(order_id=order(1)))
    assert output.metrics() == {"Published": 1}
    assert output.logs() == []


def test_consumer_reads_a_published_fact() -> None:
    deliver(1)
    (event,) = events_of_the_bus()
    assert read_delivery(json.dumps(event)).event == an_event(an_order_created(order_id=order(1)))


def test_batch_is_published_in_order_ten_at_a_time(output: Output) -> None:
    with recorded_calls(events()) as calls:
        assert deliver(*range(23)) == {"batchItemFailures": []}
    assert calls == ["PutEvents"] * 3
    assert subjects() == [order(number) for number in range(23)]
    assert output.metrics() == {"Published": 23}


@pytest.mark.parametrize("size", [1, 9, 10, 11, 20])
def test_batch_of_any_size_is_published_completely(size: int) -> None:
    assert deliver(*range(size)) == {"batchItemFailures": []}
    assert len(subjects()) == size


@pytest.mark.parametrize(("places", "first"), [([0], 0), ([3], 3), ([9], 9), ([7, 4, 8], 4), (range(10), 0)])
def test_relay_returns_the_first_row_when_an_entry_fails(
    places: list[int], first: int, output: Output
) -> None:
    with rejecting(*places):
        response = deliver(*range(25))
    assert response == {"batchItemFailures": [{"itemIdentifier": str(1000 + first)}]}
    assert output.metrics() == {"Published": first, "PublishFailed": 1}
    (line,) = output.logs()
    assert "function_request_id" in line
    assert not NAMED_BY_THE_LOG_GROUP & line.keys()
    assert (line["message"], line["published"], line["of"]) == ("not published", first, 25)


def test_relay_stops_after_a_request_with_a_failure() -> None:
    with rejecting(3):
        deliver(*range(25))
    assert subjects() == [order(number) for number in range(10)]


def test_relay_returns_the_row_of_a_later_request() -> None:
    requests = iter([False, True])

    def reject_later(response: dict[str, Any]) -> None:
        if next(requests):
            response["Entries"][2] = {"ErrorCode": "InternalFailure"}

    with amending(events(), "PutEvents", reject_later):
        assert deliver(*range(25)) == {"batchItemFailures": [{"itemIdentifier": "1012"}]}
    assert subjects() == [order(number) for number in range(20)]


def test_relay_raises_when_the_bus_does_not_respond() -> None:
    fault = failing(events(), "PutEvents", "InternalException")
    # Powertools says so, and is right.
    with fault, pytest.warns(UserWarning, match="No application metrics"), pytest.raises(ClientError):
        deliver(1, 2)
    assert events_of_the_bus() == []


def test_entries_keep_the_source_and_type_of_each_owner() -> None:
    records = [record(1), record(2)]
    records[1]["dynamodb"]["NewImage"]["event"]["S"] = codec.write(an_event(an_order_confirmed()))
    assert handle({"Records": records}, Context()) == {"batchItemFailures": []}
    assert sorted(event["detail-type"] for event in events_of_the_bus()) == ["OrderConfirmed", "OrderCreated"]


def malformed(number: int, **image: Any) -> dict[str, Any]:
    """A record whose row has no document of a fact."""
    spoiled = record(number)
    spoiled["dynamodb"]["NewImage"] = {"pk": {"S": f"orders#{order(number)}"}, **image}
    return spoiled


def failing_forever(place: int, code: str) -> Any:
    """Have EventBridge reject this entry with an error that no retry fixes."""

    def reject(response: dict[str, Any]) -> None:
        response["Entries"][place] = {"ErrorCode": code, "ErrorMessage": "no"}

    return amending(events(), "PutEvents", reject)


@pytest.mark.parametrize("code", sorted(PERMANENT_CODES))
def test_row_is_dead_lettered_when_no_retry_helps(code: str, output: Output) -> None:
    with failing_forever(1, code):
        assert deliver(1, 2, 3) == {"batchItemFailures": []}
    (message,) = dead_lettered()
    fact = an_event(an_order_created(order_id=order(2)))
    assert message.body == codec.write(fact)
    assert message.attributes == {
        "reason": "put_events_refused",
        "detail": code,
        "error_class": "Rejected",
        "consumer": "relay",
        "event_id": fact.id,
        "schema": "urn:orderbus:schema:orders:OrderCreated:2",
        "message_id": "1002",
        "first_seen": "1795428000000",
        "receive_count": "-",
    }
    assert output.metrics() == {"Published": 2, "DeadLettered": 1}
    assert [(line["message"], line["event_id"]) for line in output.logs()] == [("dead-lettered", fact.id)]


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "NotAuthorizedForSourceException", "InternalFailure", "NeverHeardOf"]
)
def test_relay_waits_in_order_when_eventbridge_or_permissions_fail(code: str) -> None:
    with failing_forever(1, code):
        assert deliver(1, 2, 3) == {"batchItemFailures": [{"itemIdentifier": "1002"}]}
    assert dead_lettered() == []


def test_row_is_not_dead_lettered_behind_a_failure() -> None:
    records = [record(1), malformed(2, event={"S": "no json"})]
    with rejecting(0):
        response = handle({"Records": records}, Context())
    assert response == {"batchItemFailures": [{"itemIdentifier": "1001"}]}
    assert dead_lettered() == []


def test_row_comes_again_when_dead_lettering_fails(output: Output) -> None:
    with failing(sqs(), "SendMessage", "ServiceUnavailable"):
        response = handle({"Records": [record(1), malformed(2), record(3)]}, Context())
    assert response == {"batchItemFailures": [{"itemIdentifier": "1002"}]}
    assert output.metrics() == {"Published": 1, "PublishFailed": 1, "NotDeadLettered": 1}


def test_relay_returns_rows_when_time_runs_out() -> None:
    left = iter([30_000, 30_000, 13_999])

    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return next(left)

    response = handle({"Records": [record(number) for number in range(25)]}, Late())
    assert response == {"batchItemFailures": [{"itemIdentifier": "1010"}]}
    assert subjects() == [order(number) for number in range(10)]


def test_large_facts_are_split_into_requests_by_bytes() -> None:
    records = [record(number) for number in range(7)]
    for each in records:
        image = each["dynamodb"]["NewImage"]
        image["event"]["S"] = image["event"]["S"][:-1] + " " * 60_000 + "}"
    with recorded_calls(events()) as calls:
        assert handle({"Records": records}, Context()) == {"batchItemFailures": []}
    assert calls == ["PutEvents", "PutEvents"]
    assert subjects() == [order(number) for number in range(7)]
