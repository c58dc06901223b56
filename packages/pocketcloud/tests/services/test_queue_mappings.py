import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import COUNTING, FAILING, World, arn, cloud_event

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError

REPORT_BATCH_ITEM_FAILURES = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
RESPONDING = """
    import json
    def handle(event, context):
        ids = {record["body"]: record["messageId"] for record in event["Records"]}
        print(json.dumps(sorted(ids)))
        return RESPONSE
"""
SUCCESSES = {
    "empty list": '{"batchItemFailures": []}',
    "null list": '{"batchItemFailures": None}',
    "empty response": "{}",
    "null response": "None",
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


def responding(world: World, response: str, **options: Any) -> None:
    """Send messages `good` and `bad` to a function that returns this response, until both are gone."""
    world.reacting("f", RESPONDING.replace("RESPONSE", response), **options)
    world.send("f", "good", "bad")
    world.cloud.settle()


@pytest.mark.parametrize("response", SUCCESSES.values(), ids=SUCCESSES)
def test_successful_response_deletes_the_batch(world: World, response: str) -> None:
    responding(world, response, **REPORT_BATCH_ITEM_FAILURES)
    assert world.bodies("f-dlq") == []
    assert [(delivery.handled, delivery.receive_count) for delivery in world.cloud.deliveries] == [
        (True, 1),
        (True, 1),
    ]


@pytest.mark.parametrize("response", FAILURES.values(), ids=FAILURES)
def test_failed_response_retries_the_whole_batch(world: World, response: str) -> None:
    responding(world, response, **REPORT_BATCH_ITEM_FAILURES)
    assert sorted(world.bodies("f-dlq")) == ["bad", "good"]
    assert [delivery.receive_count for delivery in world.cloud.deliveries] == [1, 1, 2, 2, 3, 3]


def test_only_reported_message_is_retried_and_dead_lettered(world: World) -> None:
    reported = '{"batchItemFailures": [{"itemIdentifier": ids["bad"]}] if "bad" in ids else []}'
    responding(world, reported, **REPORT_BATCH_ITEM_FAILURES)
    assert world.batches("f") == [["bad", "good"], ["bad"], ["bad"]]
    assert world.bodies("f-dlq") == ["bad"]
    assert [lost.reason for lost in world.cloud.undelivered] == ["received 3 times without being handled"]
    failed = world.hops(Kind.FAILED)
    assert {hop.reason for hop in failed} == {"reported in batchItemFailures"}
    assert len(world.hops(Kind.RETRIED)) == 2


def test_reported_failures_are_ignored_without_reporting(world: World) -> None:
    responding(world, '{"batchItemFailures": [{"itemIdentifier": ids["bad"]}]}')
    assert world.batches("f") == [["bad", "good"]]
    assert world.bodies("f-dlq") == []


def test_failed_message_is_retried_after_its_visibility_timeout(world: World) -> None:
    world.reacting("f", FAILING)
    world.send("f", "x")
    began = world.cloud.clock.now()
    world.cloud.settle()
    assert timedelta(seconds=180) < world.cloud.clock.now() - began < timedelta(seconds=181)


def test_retry_after_sets_the_delay_of_every_retry(world: World) -> None:
    world.reacting("f", FAILING)
    world.cloud.retry_after = timedelta(seconds=2)
    world.send("f", "x")
    began = world.cloud.clock.now()
    world.cloud.settle()
    assert timedelta(seconds=6) < world.cloud.clock.now() - began < timedelta(seconds=7)


def test_batch_size_is_limited(world: World) -> None:
    world.reacting("f", COUNTING, BatchSize=3)
    world.send("f", *"abcdefg")
    world.cloud.settle()
    assert world.batches("f") == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_batching_window_ends_early_when_the_batch_is_full(world: World) -> None:
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


def test_filtered_message_is_deleted_and_recorded(world: World) -> None:
    filters = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": {"type": ["OrderCreated"]}})}]}}
    world.reacting("f", COUNTING, **filters)
    wanted, other = json.dumps(cloud_event()), json.dumps(cloud_event("OrderCancelled"))
    world.send("f", wanted, other, "not JSON")
    world.cloud.settle()
    assert world.batches("f") == [[wanted]]
    assert len(world.hops(Kind.FILTERED)) == 2
    assert world.bodies("f") == []


def test_event_has_the_fields_of_lambdas_event(world: World) -> None:
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


def test_disabled_or_deleted_mapping_does_not_poll(world: World) -> None:
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


def test_delivery_names_event_queue_and_function(world: World) -> None:
    world.reacting("f")
    world.send("f", json.dumps(cloud_event(subject="o9")))
    world.cloud.settle()
    (delivery,) = world.cloud.deliveries
    assert delivery.event is not None
    assert (delivery.event.subject, delivery.queue, delivery.function) == ("o9", "f", "f")


INVALID = [
    ({"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
    (
        {"FilterCriteria": {"Filters": [{"Pattern": '{"body": [{"wildcard": "*"}]}'}]}},
        "Invalid filter pattern",
    ),
]


@pytest.mark.parametrize(("options", "reason"), INVALID)
def test_invalid_mapping_is_rejected_and_not_created(
    world: World, options: dict[str, Any], reason: str
) -> None:
    world.queue("q")
    world.function("f")
    with pytest.raises(ClientError, match=reason):
        world.mapping(arn("sqs", "q"), "f", **options)
    assert world.cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []


def test_short_visibility_timeout_is_rejected(world: World) -> None:
    world.queue("q", VisibilityTimeout=10)
    world.function("f", timeout=30)
    with pytest.raises(ClientError, match="10 seconds is less than Function timeout: 30 seconds"):
        world.mapping(arn("sqs", "q"), "f")


def test_duplicate_mapping_is_rejected(world: World) -> None:
    world.reacting("f")
    with pytest.raises(ClientError, match="already exists"):
        world.mapping(arn("sqs", "f"), "f")


def test_unsupported_option_is_rejected_by_name(world: World) -> None:
    world.queue("q")
    world.function("f")
    with pytest.raises(UnsupportedOfflineError, match="ProvisionedPollerConfig"):
        world.mapping(arn("sqs", "q"), "f", ProvisionedPollerConfig={"MinimumPollers": 2})
    with pytest.raises(UnsupportedOfflineError, match="rds"):
        world.mapping(arn("rds", "cluster:c"), "f", StartingPosition="LATEST")
