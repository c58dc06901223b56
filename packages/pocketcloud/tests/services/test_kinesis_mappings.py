"""Event source mappings on a Kinesis stream."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, cloud_event

from pocketcloud import Kind

STREAM = arn("kinesis", "stream/s")
HEAD = """
    import base64, json
    def handle(event, context):
        records = [record["kinesis"] for record in event["Records"]]
        bodies = [base64.b64decode(record["data"]).decode() for record in records]
        print(json.dumps(bodies))
"""
POISONED = (
    HEAD
    + """
        if "bad" in bodies:
            raise RuntimeError("no")
"""
)
CHECKPOINT = (
    HEAD
    + """
        failed = [r["sequenceNumber"] for r, body in zip(records, bodies) if body == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
"""
)


def streaming(world: World, source: str = HEAD, *, shards: int = 1, **options: Any) -> None:
    """Create a stream, mapped to the function `f`."""
    world.cloud.client("kinesis").create_stream(StreamName="s", ShardCount=shards)
    world.function("f", source)
    world.mapping(STREAM, "f", **{"StartingPosition": "TRIM_HORIZON", **options})


def put(world: World, *bodies: str, key: str = "k") -> None:
    records = [{"Data": body.encode(), "PartitionKey": key} for body in bodies]
    response = world.cloud.client("kinesis").put_records(StreamName="s", Records=records)
    assert response["FailedRecordCount"] == 0


def test_records_arrive_in_order_in_batches(world: World) -> None:
    streaming(world, BatchSize=2)
    put(world, "a", "b", "c")
    world.cloud.settle()
    assert world.batches("f") == [["a", "b"], ["c"]]


def test_a_record_has_the_fields_of_lambdas_event(world: World) -> None:
    streaming(world, "import json\ndef handle(event, context):\n    print(json.dumps(event))")
    put(world, json.dumps(cloud_event(subject="o1")))
    world.cloud.settle()
    (record,) = json.loads(world.cloud.logs("f")[0])["Records"]
    shown = record["kinesis"]
    assert shown["partitionKey"] == "k"
    assert record["eventID"] == f"shardId-000000000000:{shown['sequenceNumber']}"
    assert (record["eventSource"], record["eventName"]) == ("aws:kinesis", "aws:kinesis:record")
    assert (record["eventSourceARN"], record["invokeIdentityArn"]) == (STREAM, world.role())
    kinds = [hop.kind for hop in world.cloud.journal.of("o1")]
    assert kinds == [Kind.RECORDED, Kind.INVOKED, Kind.HANDLED]


def test_a_mapping_reads_parents_before_their_children(world: World) -> None:
    streaming(world, MaximumBatchingWindowInSeconds=30)
    put(world, "before")
    client = world.cloud.client("kinesis")
    middle = str(2**127)
    client.split_shard(StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=middle)
    put(world, "after", key="k")
    put(world, "other", key="other-key")
    world.cloud.settle()
    batches = world.batches("f")
    assert batches[0] == ["before"]
    assert sorted(body for batch in batches[1:] for body in batch) == ["after", "other"]


def test_a_mapping_starts_at_a_timestamp(world: World) -> None:
    world.cloud.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    put(world, "early")
    world.cloud.advance(minutes=1)
    when = world.cloud.clock.now()
    put(world, "late")
    world.function("f", HEAD)
    world.mapping(STREAM, "f", StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=when)
    world.cloud.settle()
    assert world.batches("f") == [["late"]]


def test_a_reported_failure_is_the_checkpoint(world: World) -> None:
    streaming(world, CHECKPOINT, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1)
    put(world, "a", "bad", "b")
    world.cloud.settle()
    assert world.batches("f")[:2] == [["a", "bad", "b"], ["bad", "b"]]
    assert [each.reason.partition(":")[0] for each in world.cloud.undelivered] == [
        "RetryAttemptsExhausted"
    ] * 2


def test_bisection_isolates_a_poisoned_record(world: World) -> None:
    queue = world.queue("failures")
    streaming(
        world,
        POISONED,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    put(world, "a", "b", "bad", "c")
    world.cloud.settle()
    handled = [batch for batch in world.batches("f") if "bad" not in batch]
    assert [body for batch in handled for body in batch] == ["a", "b", "c"]
    (message,) = world.bodies("failures")
    info = json.loads(message)["KinesisBatchInfo"]
    assert (info["shardId"], info["batchSize"], info["streamArn"]) == ("shardId-000000000000", 1, STREAM)
    assert info["startSequenceNumber"] == info["endSequenceNumber"]


def test_filters_match_the_decoded_data(world: World) -> None:
    pattern = json.dumps({"partitionKey": ["k"], "data": {"type": ["OrderCreated"]}})
    streaming(world, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    wanted = json.dumps(cloud_event("OrderCreated"))
    put(world, wanted, json.dumps(cloud_event("OrderShipped")), "not json")
    put(world, wanted, key="another")
    world.cloud.settle()
    assert world.batches("f") == [[wanted]]


def test_records_over_the_maximum_age_are_discarded(world: World) -> None:
    streaming(world, POISONED, MaximumRecordAgeInSeconds=60)
    put(world, "bad")
    world.cloud.settle()
    (undelivered,) = world.cloud.undelivered
    assert undelivered.reason.startswith("RecordAgeExceeded")


def test_a_blocked_shard_does_not_hold_up_others(world: World) -> None:
    streaming(world, POISONED, shards=2, MaximumRetryAttempts=2)
    put(world, "bad", "behind", key="k")
    put(world, "free", key="order-1")
    world.cloud.advance(seconds=1)
    assert ["free"] in world.batches("f")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"StartingPosition": "AT_TIMESTAMP"}, "StartingPositionTimestamp is required"),
        ({"EventSourceArn": arn("kinesis", "stream/none")}, "Stream not found"),
        ({"StartingPosition": "NOW"}, "enum value set"),
    ],
)
def test_invalid_mappings_are_rejected(world: World, options: dict[str, Any], message: str) -> None:
    world.cloud.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    world.function("f", HEAD)
    request = {"EventSourceArn": STREAM, "FunctionName": "f", "StartingPosition": "LATEST", **options}
    with pytest.raises(ClientError, match=message):
        world.cloud.client("lambda").create_event_source_mapping(**request)


def test_a_reset_empties_streams_and_restarts_mappings(world: World) -> None:
    streaming(world)
    put(world, "a")
    world.cloud.settle()
    world.cloud.reset()
    put(world, "b")
    world.cloud.settle()
    assert world.batches("f")[-1] == ["b"]
