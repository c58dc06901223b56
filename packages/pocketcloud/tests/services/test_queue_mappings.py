import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import COUNTING, FAILING, World, arn, cloud_event

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError

REPORTING = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
ANSWERING = """
    import json
    def handle(event, context):
        ids = {record["body"]: record["messageId"] for record in event["Records"]}
        print(json.dumps(sorted(ids)))
        return ANSWER
"""
SUCCESSES = {
    "empty list": '{"batchItemFailures": []}',
    "null list": '{"batchItemFailures": None}',
    "empty answer": "{}",
    "null answer": "None",
    "misspelt outer key": '{"BatchItemFailures": [{"itemIdentifier": ids["bad"]}]}',
}
FAILURES = {
    "exception": "1 / 0",
    "not JSON": "object()",
    "empty identifier": '{"batchItemFailures": [{"itemIdentifier": ""}]}',
    "null identifier": '{"batchItemFailures": [{"itemIdentifier": None}]}',
    "wrong inner key": '{"batchItemFailures": [{"itemId": ids["bad"]}]}',
    "unknown message id": '{"batchItemFailures": [{"itemIdentifier": "nobody"}]}',
    "no object": '"fine"',
}


def answering(world: World, answer: str, **options: Any) -> None:
    """Two messages, `good` and `bad`, for a function that gives this answer until both are gone."""
    world.reacting("f", ANSWERING.replace("ANSWER", answer), **options)
    world.send("f", "good", "bad")
    world.cloud.settle()


@pytest.mark.parametrize("answer", SUCCESSES.values(), ids=SUCCESSES)
def test_an_answer_that_lambda_takes_for_a_success_deletes_the_batch(world: World, answer: str) -> None:
    answering(world, answer, **REPORTING)
    assert world.bodies("f-dlq") == []
    assert [(delivery.handled, delivery.receive_count) for delivery in world.cloud.deliveries] == [
        (True, 1),
        (True, 1),
    ]


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
def test_an_answer_that_lambda_takes_for_a_failure_brings_the_whole_batch_again(
    world: World, answer: str
) -> None:
    answering(world, answer, **REPORTING)
    assert sorted(world.bodies("f-dlq")) == ["bad", "good"]
    assert [delivery.receive_count for delivery in world.cloud.deliveries] == [1, 1, 2, 2, 3, 3]


def test_only_the_reported_message_comes_again_and_ends_in_the_dead_letter_queue(world: World) -> None:
    reported = '{"batchItemFailures": [{"itemIdentifier": ids["bad"]}] if "bad" in ids else []}'
    answering(world, reported, **REPORTING)
    assert world.batches("f") == [["bad", "good"], ["bad"], ["bad"]]
    assert world.bodies("f-dlq") == ["bad"]
    assert [lost.reason for lost in world.cloud.undelivered] == ["received 3 times without being handled"]
    failed = world.hops(Kind.FAILED)
    assert {hop.reason for hop in failed} == {"reported in batchItemFailures"}
    assert len(world.hops(Kind.RETRIED)) == 2


def test_without_reporting_the_list_is_ignored(world: World) -> None:
    answering(world, '{"batchItemFailures": [{"itemIdentifier": ids["bad"]}]}')
    assert world.batches("f") == [["bad", "good"]]
    assert world.bodies("f-dlq") == []


def test_a_failed_message_waits_for_its_visibility_timeout(world: World) -> None:
    world.reacting("f", FAILING)
    world.send("f", "x")
    began = world.cloud.clock.now()
    world.cloud.settle()
    assert timedelta(seconds=180) < world.cloud.clock.now() - began < timedelta(seconds=181)


def test_retry_after_brings_it_again_after_exactly_that(world: World) -> None:
    world.reacting("f", FAILING)
    world.cloud.retry_after = timedelta(seconds=2)
    world.send("f", "x")
    began = world.cloud.clock.now()
    world.cloud.settle()
    assert timedelta(seconds=6) < world.cloud.clock.now() - began < timedelta(seconds=7)


def test_batches_are_no_larger_than_asked(world: World) -> None:
    world.reacting("f", COUNTING, BatchSize=3)
    world.send("f", *"abcdefg")
    world.cloud.settle()
    assert world.batches("f") == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_a_window_waits_for_more_but_not_for_a_full_batch(world: World) -> None:
    world.reacting("f", COUNTING, BatchSize=3, MaximumBatchingWindowInSeconds=20)
    world.send("f", "a")
    world.cloud.advance(seconds=10)
    world.send("f", "b")
    world.cloud.advance(seconds=9)
    assert world.batches("f") == []
    world.cloud.settle()
    assert world.batches("f") == [["a", "b"]]
    world.send("f", "c", "d", "e")
    world.cloud.advance(seconds=1)
    assert world.batches("f") == [["a", "b"], ["c", "d", "e"]]


def test_what_the_filters_refuse_is_deleted_on_record(world: World) -> None:
    filters = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": {"type": ["OrderCreated"]}})}]}}
    world.reacting("f", COUNTING, **filters)
    wanted, other = json.dumps(cloud_event()), json.dumps(cloud_event("OrderCancelled"))
    world.send("f", wanted, other, "not JSON")
    world.cloud.settle()
    assert world.batches("f") == [[wanted]]
    assert len(world.hops(Kind.FILTERED)) == 2
    assert world.bodies("f") == []


def test_the_event_has_the_fields_that_lambda_gives_it(world: World) -> None:
    world.reacting("f", "import json\ndef handle(event, context):\n    print(json.dumps(event))")
    attribute = {"colour": {"DataType": "String", "StringValue": "red"}}
    world.cloud.client("sqs").send_message(
        QueueUrl=world.url("f"), MessageBody="x", MessageAttributes=attribute
    )
    world.cloud.settle()
    (record,) = json.loads(world.cloud.logs("f")[0])["Records"]
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["colour"] == {
        "stringValue": "red",
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": "String",
    }
    assert record["md5OfBody"] == "9dd4e461268c8034f5c8564e155c67a6"
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", arn("sqs", "f"))


def test_a_disabled_or_deleted_mapping_polls_no_more(world: World) -> None:
    world.reacting("f")
    client = world.cloud.client("lambda")
    (mapping,) = client.list_event_source_mappings()["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    world.send("f", "a")
    world.cloud.settle()
    assert world.batches("f") == []
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    world.cloud.settle()
    assert world.batches("f") == [["a"]]
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    world.send("f", "b")
    world.cloud.settle()
    assert world.batches("f") == [["a"]]


def test_deliveries_tell_who_was_handed_what(world: World) -> None:
    world.reacting("f")
    world.send("f", json.dumps(cloud_event(subject="o9")))
    world.cloud.settle()
    (delivery,) = world.cloud.deliveries
    assert delivery.event is not None
    assert (delivery.event.subject, delivery.queue, delivery.function) == ("o9", "f", "f")


INVALID = [
    ({"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
    ({"FilterCriteria": {"Filters": [{"Pattern": '{"body": [{"wildcard": "*"}]}'}]}}, "wildcard"),
]


@pytest.mark.parametrize(("options", "reason"), INVALID)
def test_what_lambda_refuses_is_refused_and_leaves_no_mapping(
    world: World, options: dict[str, Any], reason: str
) -> None:
    world.queue("q")
    world.function("f")
    with pytest.raises(ClientError, match=reason):
        world.mapping(arn("sqs", "q"), "f", **options)
    assert world.cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []


def test_a_visibility_timeout_shorter_than_the_functions_timeout_is_refused(world: World) -> None:
    world.queue("q", VisibilityTimeout=10)
    world.function("f", timeout=30)
    with pytest.raises(ClientError, match="10 seconds is less than Function timeout: 30 seconds"):
        world.mapping(arn("sqs", "q"), "f")


def test_a_second_mapping_of_the_same_pair_is_refused(world: World) -> None:
    world.reacting("f")
    with pytest.raises(ClientError, match="exists already"):
        world.mapping(arn("sqs", "f"), "f")


def test_options_that_are_not_carried_out_are_refused_by_name(world: World) -> None:
    world.queue("q")
    world.function("f")
    with pytest.raises(UnsupportedOfflineError, match="ProvisionedPollerConfig"):
        world.mapping(arn("sqs", "q"), "f", ProvisionedPollerConfig={"MinimumPollers": 2})
    with pytest.raises(UnsupportedOfflineError, match="kinesis"):
        world.mapping(arn("kinesis", "stream/s"), "f", StartingPosition="LATEST")
