"""Pipes from streams of tables and of Kinesis.

The facts are those of AWS's pages on pipes, read on 2026-11-29:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeSourceKinesisStreamParameters.html
"""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import PIPE_ROLE, World, arn, cloud_event, policy

from pocketcloud.core.journal import Kind

STREAM = arn("kinesis", "stream/s")
REPORTING = """
    import base64, json
    def handle(event, context):
        bodies = [base64.b64decode(record["data"]).decode() for record in event]
        print(json.dumps(bodies))
        failed = [record["eventID"] for record, body in zip(event, bodies) if body == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
"""


def pipe(world: World, source: str, target: str, filters: list[str] | None = None, **parameters: Any) -> None:
    """Create a pipe from the beginning of a stream, with a role that may do anything."""
    name = "KinesisStreamParameters" if ":kinesis:" in source else "DynamoDBStreamParameters"
    given: dict[str, Any] = {name: {"StartingPosition": "TRIM_HORIZON", **parameters}}
    if filters:
        given["FilterCriteria"] = {"Filters": [{"Pattern": each} for each in filters]}
    world.pipe(source, target, SourceParameters=given)


@pytest.fixture
def stream(world: World) -> str:
    world.cloud.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    return STREAM


def put(world: World, *bodies: str) -> None:
    records = [{"Data": body.encode(), "PartitionKey": "k"} for body in bodies]
    world.cloud.client("kinesis").put_records(StreamName="s", Records=records)


def received(world: World) -> list[dict[str, Any]]:
    return [json.loads(body) for body in world.bodies("out")]


def test_record_of_kinesis_has_no_member_kinesis(world: World, stream: str) -> None:
    pipe(world, stream, world.queue("out"))
    put(world, "a", "b")
    world.cloud.settle()
    first, second = received(world)
    assert [base64.b64decode(each["data"]).decode() for each in (first, second)] == ["a", "b"]
    assert sorted(first) == [
        "approximateArrivalTimestamp",
        "awsRegion",
        "data",
        "eventID",
        "eventName",
        "eventSource",
        "eventSourceARN",
        "eventVersion",
        "invokeIdentityArn",
        "kinesisSchemaVersion",
        "partitionKey",
        "sequenceNumber",
    ]
    assert (first["invokeIdentityArn"], first["eventSourceARN"]) == (PIPE_ROLE, STREAM)


def test_row_of_a_table_arrives_as_its_change(world: World) -> None:
    source = world.table("t")
    pipe(world, source, world.queue("out"))
    world.put("a", table="t")
    world.cloud.settle()
    (record,) = received(world)
    assert (record["eventName"], record["eventSourceARN"]) == ("INSERT", source)
    assert record["dynamodb"]["Keys"] == {"pk": {"S": "a"}}


def test_filters_see_the_decoded_data(world: World, stream: str) -> None:
    pattern = json.dumps({"data": {"type": ["OrderCreated"]}, "eventSource": ["aws:kinesis"]})
    pipe(world, stream, world.queue("out"), [pattern])
    put(world, json.dumps(cloud_event("OrderCreated")), json.dumps(cloud_event("OrderShipped")), "text")
    world.cloud.settle()
    assert len(received(world)) == 1
    assert len(world.hops(Kind.FILTERED)) == 2


def test_bus_gets_events_of_the_streams_kind(world: World, stream: str) -> None:
    bus, out = world.bus("b"), world.queue("out")
    world.rule("all", {"source": ["Pipe p"]}, {"Arn": out}, bus="b")
    pipe(world, stream, bus)
    put(world, "a")
    world.cloud.settle()
    (event,) = received(world)
    assert (event["detail-type"], event["detail"]["partitionKey"]) == ("Event from aws:kinesis", "k")


def test_batch_has_one_record_unless_a_size_is_given(world: World, stream: str) -> None:
    pipe(world, stream, world.function("f", REPORTING))
    put(world, "a", "b")
    world.cloud.settle()
    assert world.batches("f") == [["a"], ["b"]]


def test_failed_record_blocks_those_behind_it(world: World, stream: str) -> None:
    pipe(world, stream, world.function("f", REPORTING), BatchSize=10, MaximumRetryAttempts=2)
    put(world, "a", "bad", "c")
    world.cloud.settle()
    assert world.batches("f") == [["a", "bad", "c"], ["bad", "c"], ["bad", "c"]]


def test_automatic_bisect_leaves_only_the_failed_record(world: World, stream: str) -> None:
    world.queue("dlq")
    pipe(
        world,
        stream,
        world.function("f", REPORTING),
        BatchSize=10,
        MaximumRetryAttempts=0,
        OnPartialBatchItemFailure="AUTOMATIC_BISECT",
        DeadLetterConfig={"Arn": arn("sqs", "dlq")},
    )
    put(world, "bad", "b", "c", "d")
    world.cloud.settle()
    assert world.batches("f") == [["bad", "b", "c", "d"], ["bad", "b"], ["bad"], ["b"], ["c", "d"]]
    assert len(world.bodies("dlq")) == 1


def test_dead_letter_queue_gets_the_place_of_discarded_records(world: World, stream: str) -> None:
    world.queue("dlq")
    target = world.function("f", REPORTING)
    pipe(world, stream, target, MaximumRetryAttempts=1, DeadLetterConfig={"Arn": arn("sqs", "dlq")})
    put(world, "bad", "a")
    world.cloud.settle()
    assert world.batches("f") == [["bad"], ["bad"], ["a"]]
    (message,) = map(json.loads, world.bodies("dlq"))
    assert message["context"] == {
        "partnerResourceArn": arn("pipes", "pipe/p"),
        "condition": "RetryAttemptsExhausted",
    }
    assert (message["version"], message["KinesisBatchInfo"]["batchSize"]) == ("1.0", 1)
    assert message["KinesisBatchInfo"]["streamArn"] == STREAM
    assert len(world.hops(Kind.DEAD_LETTERED)) == 1


def test_record_is_dropped_with_reason_without_dead_letter_queue(world: World, stream: str) -> None:
    pipe(world, stream, world.function("f", REPORTING), MaximumRetryAttempts=0)
    put(world, "bad")
    world.cloud.settle()
    (lost,) = world.cloud.undelivered
    assert "RetryAttemptsExhausted" in lost.reason


def test_missing_target_is_retried_until_it_exists(world: World, stream: str) -> None:
    target = world.queue("out")
    world.cloud.client("sqs").delete_queue(QueueUrl=world.url("out"))
    pipe(world, stream, target)
    put(world, "a")
    world.cloud.advance(seconds=10)
    assert world.hops(Kind.FAILED)
    world.queue("out")
    world.cloud.settle()
    assert len(received(world)) == 1


def test_stopped_pipe_goes_on_where_it_stopped(world: World, stream: str) -> None:
    pipe(world, stream, world.queue("out"))
    put(world, "a")
    world.cloud.settle()
    client = world.cloud.client("pipes")
    client.stop_pipe(Name="p")
    put(world, "b")
    world.cloud.settle()
    assert len(received(world)) == 1
    client.start_pipe(Name="p")
    world.cloud.settle()
    assert [base64.b64decode(each["data"]) for each in received(world)] == [b"b"]


def test_role_must_be_allowed_to_read_the_stream(world: World, stream: str) -> None:
    pipe(world, stream, world.queue("out"))
    iam = world.cloud.client("iam")
    iam.put_role_policy(RoleName="pipe", PolicyName="p", PolicyDocument=policy(Action="sqs:*"))
    put(world, "a")
    world.cloud.settle()
    assert received(world) == []
    assert world.cloud.access.denials
    iam.put_role_policy(RoleName="pipe", PolicyName="p", PolicyDocument=policy(Action="*"))
    world.cloud.settle()
    assert len(received(world)) == 1


def test_children_of_a_split_shard_follow_it(world: World, stream: str) -> None:
    pipe(world, stream, world.queue("out"))
    put(world, "a")
    middle = str(2**127)
    client = world.cloud.client("kinesis")
    client.split_shard(StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=middle)
    put(world, "b")
    world.cloud.settle()
    assert [base64.b64decode(each["data"]) for each in received(world)] == [b"a", b"b"]


@pytest.mark.parametrize(
    ("source", "parameters"),
    [
        (STREAM, {"StartingPosition": "SOON"}),
        (STREAM, {"BatchSize": 11}),
        (arn("kinesis", "stream/none"), {}),
        (arn("dynamodb", "table/t/stream/2026-01-01T00:00:00.000"), {}),
        (arn("dynamodb", "table/t/stream/2026-01-01T00:00:00.000"), {"StartingPosition": "AT_TIMESTAMP"}),
    ],
)
@pytest.mark.usefixtures("stream")
def test_pipe_that_cannot_read_is_rejected(world: World, source: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        pipe(world, source, world.queue("out"), **parameters)
