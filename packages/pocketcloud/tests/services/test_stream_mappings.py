import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from small_world import World, cloud_event, zipped

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError

REPORTING = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
HEAD = """
    import json
    def handle(event, context):
        keys = [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]
        numbers = {record["dynamodb"]["Keys"]["pk"]["S"]: record["dynamodb"]["SequenceNumber"]
                   for record in event["Records"]}
        print(json.dumps(keys))
"""
POISONED = (
    HEAD
    + """
        if "bad" in keys:
            raise RuntimeError("no")
"""
)
CHECKPOINT = (
    HEAD
    + """
        bad = [numbers[key] for key in keys if key == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}
"""
)


def relaying(world: World, source: str = HEAD, **options: Any) -> None:
    """A table whose stream feeds the function `f`."""
    stream = world.table()
    world.function("f", source)
    world.mapping(stream, "f", **{"StartingPosition": "TRIM_HORIZON", **options})


def test_changes_arrive_in_order_in_batches(world: World) -> None:
    relaying(world, BatchSize=2)
    world.put("a", "b", "c")
    world.cloud.settle()
    assert world.batches("f") == [["a", "b"], ["c"]]
    assert [hop.destination for hop in world.hops(Kind.RECORDED)] == ["table/log"] * 3
    assert [hop.source for hop in world.hops(Kind.RECORDED)] == ["client"] * 3


def test_a_record_has_the_fields_that_lambda_gives_it(world: World) -> None:
    relaying(world, "import json\ndef handle(event, context):\n    print(json.dumps(event))")
    world.put("a")
    world.cloud.settle()
    (record,) = json.loads(world.cloud.logs("f")[0])["Records"]
    assert (record["eventName"], record["eventSource"], record["awsRegion"]) == (
        "INSERT",
        "aws:dynamodb",
        "eu-west-1",
    )
    assert json.loads(record["dynamodb"]["NewImage"]["event"]["S"]) == cloud_event(subject="a")
    assert record["dynamodb"]["StreamViewType"] == "NEW_IMAGE"
    assert "/stream/" in record["eventSourceARN"]


def test_trim_horizon_sees_what_was_there_before_and_latest_does_not(world: World) -> None:
    stream = world.table()
    world.put("before")
    world.function("all", HEAD)
    world.function("new", HEAD)
    world.mapping(stream, "all", StartingPosition="TRIM_HORIZON")
    world.mapping(stream, "new", StartingPosition="LATEST")
    world.put("after")
    world.cloud.settle()
    assert world.batches("all") == [["before", "after"]]
    assert world.batches("new") == [["after"]]


def test_filters_keep_other_changes_from_the_function_on_record(world: World) -> None:
    relaying(world, FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]})
    world.put("a")
    world.cloud.client("dynamodb").delete_item(TableName="log", Key={"pk": {"S": "a"}})
    world.cloud.settle()
    assert world.batches("f") == [["a"]]
    assert len(world.hops(Kind.FILTERED)) == 1


def test_bisecting_isolates_the_poison_and_loses_nothing_else(world: World) -> None:
    relaying(world, POISONED, BisectBatchOnFunctionError=True, MaximumRetryAttempts=2)
    world.put("a", "b", "bad", "d", "e")
    world.cloud.settle()
    handled = {hop.event.subject for hop in world.hops(Kind.HANDLED) if hop.event}
    assert handled == {"a", "b", "d", "e"}
    assert [lost.event.subject for lost in world.cloud.undelivered if lost.event] == ["bad"]
    assert world.batches("f").count(["bad"]) == 3


def test_without_bisecting_the_whole_batch_is_given_up(world: World) -> None:
    relaying(world, POISONED, MaximumRetryAttempts=1)
    world.put("a", "bad", "c")
    world.cloud.settle()
    assert world.batches("f") == [["a", "bad", "c"]] * 2
    assert [lost.event.subject for lost in world.cloud.undelivered if lost.event] == ["a", "bad", "c"]
    assert all("RetryAttemptsExhausted" in lost.reason for lost in world.cloud.undelivered)


def test_the_lowest_reported_number_is_the_checkpoint(world: World) -> None:
    relaying(world, CHECKPOINT, MaximumRetryAttempts=1, **REPORTING)
    world.put("a", "bad", "c")
    world.cloud.settle()
    assert world.batches("f") == [["a", "bad", "c"], ["bad", "c"]]
    handled = [hop.event.subject for hop in world.hops(Kind.HANDLED) if hop.event]
    assert handled == ["a"]


def test_a_failure_that_passes_is_retried_until_it_has(world: World) -> None:
    relaying(world, POISONED)
    world.put("bad")
    world.cloud.advance(minutes=1)
    assert len(world.batches("f")) >= 4
    mended = zipped({"handler.py": "def handle(event, context):\n    return None\n"})
    world.cloud.client("lambda").update_function_code(FunctionName="f", ZipFile=mended)
    world.cloud.settle()
    assert world.cloud.undelivered == []
    assert len(world.hops(Kind.HANDLED)) == 1


def test_after_a_day_a_record_is_gone_from_the_stream_on_record(world: World) -> None:
    relaying(world, POISONED)
    world.put("bad")
    world.cloud.settle()
    (lost,) = world.cloud.undelivered
    assert "RecordAgeExceeded: older than 1 day" in lost.reason


def test_records_older_than_the_mapping_allows_are_given_up(world: World) -> None:
    relaying(world, POISONED, MaximumRecordAgeInSeconds=60)
    world.put("bad")
    world.cloud.settle()
    (lost,) = world.cloud.undelivered
    assert "RecordAgeExceeded: older than 0:01:00" in lost.reason


def test_the_on_failure_destination_gets_metadata_only(world: World) -> None:
    queue = world.queue("failures")
    destination = {"DestinationConfig": {"OnFailure": {"Destination": queue}}}
    relaying(world, POISONED, MaximumRetryAttempts=0, **destination)
    world.put("bad")
    world.cloud.settle()
    (body,) = world.bodies("failures")
    record = json.loads(body)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    assert "bad" not in body
    (lost,) = world.cloud.undelivered
    assert lost.where == "queue/failures"
    assert json.loads(lost.body) == cloud_event(subject="bad")


def test_retry_after_brings_a_batch_again_after_exactly_that(world: World) -> None:
    relaying(world, POISONED, MaximumRetryAttempts=2)
    world.cloud.retry_after = timedelta(seconds=5)
    world.put("bad")
    world.cloud.settle()
    times = [hop.at for hop in world.hops(Kind.INVOKED)]
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(seconds=5)] * 2


def test_an_update_that_creates_an_item_is_one_record_and_one_that_changes_nothing_is_none(
    world: World,
) -> None:
    relaying(world)
    setting: dict[str, Any] = {
        "TableName": "log",
        "Key": {"pk": {"S": "a"}},
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}},
    }
    for _ in range(2):
        world.cloud.client("dynamodb").update_item(**setting)
    world.cloud.settle()
    assert world.batches("f") == [["a"]]


def test_a_client_can_read_the_stream_as_well(world: World) -> None:
    arn = world.table()
    world.put("a")
    streams = world.cloud.client("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert len(streams.get_records(ShardIterator=iterator)["Records"]) == 1


UNSUPPORTED = [
    {"ParallelizationFactor": 2},
    {"TumblingWindowInSeconds": 60},
    {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::bucket"}}},
    {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1},
]


@pytest.mark.parametrize("options", UNSUPPORTED, ids=lambda options: str(next(iter(options))))
def test_options_that_are_not_carried_out_are_refused_by_name(world: World, options: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedOfflineError):
        relaying(world, **options)
