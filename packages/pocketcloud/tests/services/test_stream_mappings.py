import json
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zlib import crc32

import pytest
from botocore.exceptions import ClientError
from small_world import World, cloud_event, zip_files

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError

REPORT_BATCH_ITEM_FAILURES = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
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
    """Create a table with a stream, mapped to the function `f`."""
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


def test_record_has_the_fields_of_lambdas_event(world: World) -> None:
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


def test_trim_horizon_reads_earlier_records_and_latest_does_not(world: World) -> None:
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


def test_filtered_change_does_not_reach_the_function(world: World) -> None:
    relaying(world, FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]})
    world.put("a")
    world.cloud.client("dynamodb").delete_item(TableName="log", Key={"pk": {"S": "a"}})
    world.cloud.settle()
    assert world.batches("f") == [["a"]]
    assert len(world.hops(Kind.FILTERED)) == 1


def test_bisecting_isolates_the_failing_record(world: World) -> None:
    relaying(world, POISONED, BisectBatchOnFunctionError=True, MaximumRetryAttempts=2)
    world.put("a", "b", "bad", "d", "e")
    world.cloud.settle()
    handled = {hop.event.subject for hop in world.hops(Kind.HANDLED) if hop.event}
    assert handled == {"a", "b", "d", "e"}
    assert [lost.event.subject for lost in world.cloud.undelivered if lost.event] == ["bad"]
    assert world.batches("f").count(["bad"]) == 3


def test_whole_batch_is_discarded_without_bisecting(world: World) -> None:
    relaying(world, POISONED, MaximumRetryAttempts=1)
    world.put("a", "bad", "c")
    world.cloud.settle()
    assert world.batches("f") == [["a", "bad", "c"]] * 2
    assert [lost.event.subject for lost in world.cloud.undelivered if lost.event] == ["a", "bad", "c"]
    assert all("RetryAttemptsExhausted" in lost.reason for lost in world.cloud.undelivered)


def test_lowest_reported_number_is_the_checkpoint(world: World) -> None:
    relaying(world, CHECKPOINT, MaximumRetryAttempts=1, **REPORT_BATCH_ITEM_FAILURES)
    world.put("a", "bad", "c")
    world.cloud.settle()
    assert world.batches("f") == [["a", "bad", "c"], ["bad", "c"]]
    handled = [hop.event.subject for hop in world.hops(Kind.HANDLED) if hop.event]
    assert handled == ["a"]


def test_batch_is_retried_until_the_failure_passes(world: World) -> None:
    relaying(world, POISONED)
    world.put("bad")
    world.cloud.advance(minutes=1)
    assert len(world.batches("f")) >= 4
    fixed = zip_files({"handler.py": "def handle(event, context):\n    return None\n"})
    world.cloud.client("lambda").update_function_code(FunctionName="f", ZipFile=fixed)
    world.cloud.settle()
    assert world.cloud.undelivered == []
    assert len(world.hops(Kind.HANDLED)) == 1


def test_record_is_discarded_after_a_day(world: World) -> None:
    relaying(world, POISONED)
    world.put("bad")
    world.cloud.settle()
    (lost,) = world.cloud.undelivered
    assert "RecordAgeExceeded: older than 1 day" in lost.reason


def test_record_is_discarded_after_the_mappings_maximum_age(world: World) -> None:
    relaying(world, POISONED, MaximumRecordAgeInSeconds=60)
    world.put("bad")
    world.cloud.settle()
    (lost,) = world.cloud.undelivered
    assert "RecordAgeExceeded: older than 0:01:00" in lost.reason


def test_on_failure_destination_gets_only_metadata(world: World) -> None:
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


def test_retry_after_sets_the_delay_of_every_retry(world: World) -> None:
    relaying(world, POISONED, MaximumRetryAttempts=2)
    world.cloud.retry_after = timedelta(seconds=5)
    world.put("bad")
    world.cloud.settle()
    times = [hop.at for hop in world.hops(Kind.INVOKED)]
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(seconds=5)] * 2


def test_update_adds_one_record_only_when_something_changes(
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


def test_client_reads_the_stream(world: World) -> None:
    arn = world.table()
    world.put("a")
    streams = world.cloud.client("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert len(streams.get_records(ShardIterator=iterator)["Records"]) == 1


FLAKY = """
    import json
    count = 0
    def handle(event, context):
        global count
        count += 1
        if count % 3 == 1:
            raise RuntimeError("now and then")
        for record in event["Records"]:
            image = record["dynamodb"]["NewImage"]
            print(json.dumps([image["pk"]["S"], int(image["n"]["N"])]))
"""
LANES = 4


def lane(key: str) -> int:
    return crc32(key.encode()) % LANES


def test_failing_batch_blocks_the_keys_of_its_lane_alone(world: World) -> None:
    relaying(world, POISONED, ParallelizationFactor=LANES, BatchSize=2)
    others = [f"key-{number}" for number in range(12)]
    world.put("bad", *others)
    world.cloud.advance(minutes=1)
    handled = {hop.event.subject for hop in world.hops(Kind.HANDLED) if hop.event}
    assert handled == {key for key in others if lane(key) != lane("bad")} != set(others)
    world.cloud.advance(hours=25)
    handled = {hop.event.subject for hop in world.hops(Kind.HANDLED) if hop.event}
    lost = {each.event.subject for each in world.cloud.undelivered if each.event}
    assert (handled | lost, handled & lost) == ({"bad", *others}, set())


def test_lanes_keep_each_items_order_when_batches_fail(world: World) -> None:
    relaying(world, FLAKY, ParallelizationFactor=LANES, BatchSize=2, BisectBatchOnFunctionError=True)
    keys = [f"key-{number}" for number in range(6)]
    for number in range(5):
        for key in keys:
            world.cloud.client("dynamodb").update_item(
                TableName="log",
                Key={"pk": {"S": key}},
                UpdateExpression="SET n = :n",
                ExpressionAttributeValues={":n": {"N": str(number)}},
            )
    world.cloud.settle()
    seen = [json.loads(line) for line in world.cloud.logs("f") if line.startswith('["')]
    assert {key: [n for each, n in seen if each == key] for key in keys} == {key: [*range(5)] for key in keys}
    (mapping,) = world.cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert mapping["ParallelizationFactor"] == LANES


def test_more_lanes_than_lambda_allows_are_rejected(world: World) -> None:
    with pytest.raises(ClientError, match="Member must have value less than or equal to 10"):
        relaying(world, ParallelizationFactor=11)


def test_unsupported_option_is_rejected(world: World) -> None:
    with pytest.raises(UnsupportedOfflineError):
        relaying(world, ScalingConfig={"MaximumConcurrency": 2})
