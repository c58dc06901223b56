"""The relay publishes what was decided, in order, and comes again from the first that was not taken."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.relay.handler import handle
from functions.relay.publisher import PERMANENT_CODES
from functions.shared.contracts import codec
from functions.shared.contracts.delivery import read_delivery
from functions.shared.runtime.clients import events, sqs
from tests.unit.functions.account import ACCOUNT, ENVIRONMENT, REGION, client, parked
from tests.unit.functions.builders import Context, a_document, an_event, an_order_confirmed, an_order_created
from tests.unit.functions.output import Output
from tests.unit.functions.trouble import amending, failing, listening

pytestmark = pytest.mark.usefixtures("aws", "published")

BUS = ENVIRONMENT["ORDER_BUS_NAME"]


@pytest.fixture
def published(aws: None) -> None:  # noqa: ARG001 - needs the account
    """A queue that hears all that is published on the order bus."""
    client("sqs").create_queue(QueueName="published")
    client("events").put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"account": [ACCOUNT]}))
    target = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:published"}
    client("events").put_targets(Rule="all", EventBusName=BUS, Targets=[target])


def order(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def record(number: int) -> dict[str, Any]:
    """What the event log's stream says of a new row."""
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


def heard() -> list[dict[str, Any]]:
    """All that came out of the bus, in order."""
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
    return [body["detail"]["subject"] for body in heard()]


def refusing(*places: int) -> Any:
    """EventBridge refuses these entries of every request."""

    def refuse(answer: dict[str, Any]) -> None:
        for place in places:
            answer["Entries"][place] = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
        answer["FailedEntryCount"] = len(places)

    return amending(events(), "PutEvents", refuse)


def test_a_fact_is_published_as_it_was_recorded(output: Output) -> None:
    assert deliver(1) == {"batchItemFailures": []}
    (event,) = heard()
    assert event["source"] == "orders"
    assert event["detail-type"] == "OrderCreated"
    assert event["detail"] == a_document(an_order_created(order_id=order(1)))
    assert output.metrics() == {"Published": 1}
    assert output.logs() == []


def test_what_is_published_is_what_a_consumer_reads() -> None:
    deliver(1)
    (event,) = heard()
    assert read_delivery(json.dumps(event)).event == an_event(an_order_created(order_id=order(1)))


def test_a_batch_is_published_in_order_ten_at_a_time(output: Output) -> None:
    with listening(events()) as calls:
        assert deliver(*range(23)) == {"batchItemFailures": []}
    assert calls == ["PutEvents"] * 3
    assert subjects() == [order(number) for number in range(23)]
    assert output.metrics() == {"Published": 23}


@pytest.mark.parametrize("size", [1, 9, 10, 11, 20])
def test_a_batch_of_any_size_is_published_whole(size: int) -> None:
    assert deliver(*range(size)) == {"batchItemFailures": []}
    assert len(subjects()) == size


@pytest.mark.parametrize(("places", "first"), [([0], 0), ([3], 3), ([9], 9), ([7, 4, 8], 4), (range(10), 0)])
def test_lambda_comes_again_from_the_first_entry_that_was_not_taken(
    places: list[int], first: int, output: Output
) -> None:
    with refusing(*places):
        answer = deliver(*range(25))
    assert answer == {"batchItemFailures": [{"itemIdentifier": str(1000 + first)}]}
    assert output.metrics() == {"Published": first, "PublishFailed": 1}
    (line,) = output.logs()
    assert (line["message"], line["published"], line["of"]) == ("not published", first, 25)


def test_nothing_is_published_after_the_ten_with_a_failure_among_them() -> None:
    with refusing(3):
        deliver(*range(25))
    assert subjects() == [order(number) for number in range(10)]


def test_a_failure_in_the_second_ten_is_found_in_the_second_ten() -> None:
    requests = iter([False, True])

    def refuse_later(answer: dict[str, Any]) -> None:
        if next(requests):
            answer["Entries"][2] = {"ErrorCode": "InternalFailure"}

    with amending(events(), "PutEvents", refuse_later):
        assert deliver(*range(25)) == {"batchItemFailures": [{"itemIdentifier": "1012"}]}
    assert subjects() == [order(number) for number in range(20)]


def test_a_bus_that_does_not_answer_has_the_whole_batch_come_again() -> None:
    trouble = failing(events(), "PutEvents", "InternalException")
    # Powertools says so, and is right.
    with trouble, pytest.warns(UserWarning, match="No application metrics"), pytest.raises(ClientError):
        deliver(1, 2)
    assert heard() == []


def test_facts_of_several_owners_keep_their_own_labels() -> None:
    records = [record(1), record(2)]
    records[1]["dynamodb"]["NewImage"]["event"]["S"] = codec.write(an_event(an_order_confirmed()))
    assert handle({"Records": records}, Context()) == {"batchItemFailures": []}
    assert sorted(event["detail-type"] for event in heard()) == ["OrderConfirmed", "OrderCreated"]


def spoilt(number: int, **image: Any) -> dict[str, Any]:
    """A record whose row holds something else than a fact's document."""
    spoiled = record(number)
    spoiled["dynamodb"]["NewImage"] = {"pk": {"S": f"orders#{order(number)}"}, **image}
    return spoiled


def hopeless(place: int, code: str) -> Any:
    """EventBridge says of this entry what no repetition mends."""

    def refuse(answer: dict[str, Any]) -> None:
        answer["Entries"][place] = {"ErrorCode": code, "ErrorMessage": "no"}

    return amending(events(), "PutEvents", refuse)


@pytest.mark.parametrize("code", sorted(PERMANENT_CODES))
def test_an_entry_that_can_never_be_published_is_set_aside_with_its_fact_and_the_rest_goes_on(
    code: str, output: Output
) -> None:
    with hopeless(1, code):
        assert deliver(1, 2, 3) == {"batchItemFailures": []}
    (letter,) = parked()
    fact = an_event(an_order_created(order_id=order(2)))
    assert letter.body == codec.write(fact)
    assert letter.attributes == {
        "reason": "put_events_refused",
        "detail": code,
        "error_class": "Rejected",
        "consumer": "relay",
        "event_id": fact.id,
        "schema": "urn:orderbus:schema:orders:OrderCreated:1",
        "message_id": "1002",
        "first_seen": "1795428000000",
        "receive_count": "-",
    }
    assert output.metrics() == {"Published": 2, "DeadLettered": 1}
    assert [(line["message"], line["event_id"]) for line in output.logs()] == [("dead-lettered", fact.id)]


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "NotAuthorizedForSourceException", "InternalFailure", "NeverHeardOf"]
)
def test_what_is_wrong_with_our_rights_or_with_eventbridge_is_waited_for_in_order(code: str) -> None:
    with hopeless(1, code):
        assert deliver(1, 2, 3) == {"batchItemFailures": [{"itemIdentifier": "1002"}]}
    assert parked() == []


def test_what_comes_after_the_checkpoint_is_not_set_aside_as_it_comes_again() -> None:
    records = [record(1), spoilt(2, event={"S": "no json"})]
    with refusing(0):
        answer = handle({"Records": records}, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1001"}]}
    assert parked() == []


def test_a_row_that_the_dead_letter_queue_does_not_take_comes_again(output: Output) -> None:
    with failing(sqs(), "SendMessage", "ServiceUnavailable"):
        answer = handle({"Records": [record(1), spoilt(2), record(3)]}, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1002"}]}
    assert output.metrics() == {"Published": 1, "PublishFailed": 1, "NotDeadLettered": 1}


def test_the_relay_returns_what_it_has_no_time_for() -> None:
    left = iter([30_000, 30_000, 13_999])

    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return next(left)

    answer = handle({"Records": [record(number) for number in range(25)]}, Late())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1010"}]}
    assert subjects() == [order(number) for number in range(10)]


def test_large_facts_are_split_over_requests_by_bytes() -> None:
    records = [record(number) for number in range(7)]
    for each in records:
        image = each["dynamodb"]["NewImage"]
        image["event"]["S"] = image["event"]["S"][:-1] + " " * 60_000 + "}"
    with listening(events()) as calls:
        assert handle({"Records": records}, Context()) == {"batchItemFailures": []}
    assert calls == ["PutEvents", "PutEvents"]
    assert subjects() == [order(number) for number in range(7)]
