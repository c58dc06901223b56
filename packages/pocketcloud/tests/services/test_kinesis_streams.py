"""Kinesis as boto3 sees it: order, iterators, resharding, limits in virtual time."""

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn

MIB = 1024 * 1024


@pytest.fixture
def kinesis(world: World) -> Any:
    client = world.cloud.client("kinesis")
    client.create_stream(StreamName="s", ShardCount=2)
    return client


def put(client: Any, *keys: str, data: bytes = b"x") -> list[dict[str, Any]]:
    records = [{"Data": data, "PartitionKey": key} for key in keys]
    results: list[dict[str, Any]] = client.put_records(StreamName="s", Records=records)["Records"]
    return results


def iterator(client: Any, shard: str, kind: str = "TRIM_HORIZON", **more: Any) -> str:
    response = client.get_shard_iterator(StreamName="s", ShardId=shard, ShardIteratorType=kind, **more)
    return str(response["ShardIterator"])


def read(client: Any, shard: str, kind: str = "TRIM_HORIZON", **more: Any) -> list[str]:
    """Return the sequence numbers of one read."""
    response = client.get_records(ShardIterator=iterator(client, shard, kind, **more))
    return [record["SequenceNumber"] for record in response["Records"]]


def shard_ids(client: Any) -> list[str]:
    return [shard["ShardId"] for shard in client.list_shards(StreamName="s")["Shards"]]


def error_of(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Code"])


def split(client: Any, shard_id: str) -> None:
    shards = client.list_shards(StreamName="s")["Shards"]
    keys = next(each["HashKeyRange"] for each in shards if each["ShardId"] == shard_id)
    middle = (int(keys["StartingHashKey"]) + int(keys["EndingHashKey"])) // 2
    client.split_shard(StreamName="s", ShardToSplit=shard_id, NewStartingHashKey=str(middle))


def test_a_key_keeps_its_shard_and_order(kinesis: Any) -> None:
    keys = [f"order-{number % 20}" for number in range(300)]
    results = put(kinesis, *keys)
    shards, numbers = defaultdict(set), defaultdict(list)
    for key, result in zip(keys, results, strict=True):
        shards[key].add(result["ShardId"])
        numbers[key].append(int(result["SequenceNumber"]))
    assert all(len(of_key) == 1 for of_key in shards.values())
    assert all(of_key == sorted(set(of_key)) for of_key in numbers.values())
    assert {len(str(number)) for of_key in numbers.values() for number in of_key} == {56}


def test_each_iterator_type_starts_where_it_says(world: World, kinesis: Any) -> None:
    first, second = put(kinesis, "k", "k")
    shard, number = first["ShardId"], first["SequenceNumber"]
    world.cloud.advance(seconds=10)
    later = world.cloud.clock.now()
    third = put(kinesis, "k")[0]["SequenceNumber"]
    numbers = [number, second["SequenceNumber"], third]
    assert read(kinesis, shard) == numbers
    assert read(kinesis, shard, "LATEST") == []
    assert read(kinesis, shard, "AT_TIMESTAMP", Timestamp=later) == numbers[2:]
    assert read(kinesis, shard, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=number) == numbers
    world.cloud.advance(seconds=1)
    assert read(kinesis, shard, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number) == numbers[1:]


def test_a_closed_shards_iterator_ends_with_its_children(kinesis: Any) -> None:
    put(kinesis, "k", "k")
    parent = put(kinesis, "k")[0]["ShardId"]
    split(kinesis, parent)
    after = put(kinesis, "k")[0]
    response = kinesis.get_records(ShardIterator=iterator(kinesis, parent), Limit=2)
    assert len(response["Records"]) == 2
    assert "ChildShards" not in response
    response = kinesis.get_records(ShardIterator=response["NextShardIterator"], Limit=2)
    assert len(response["Records"]) == 1
    assert "NextShardIterator" not in response
    children = [child["ShardId"] for child in response["ChildShards"]]
    assert after["ShardId"] in children
    assert all(child["ParentShards"] == [parent] for child in response["ChildShards"])
    assert int(after["SequenceNumber"]) > int(response["Records"][0]["SequenceNumber"])


def test_split_shards_list_their_parents_and_ranges(kinesis: Any) -> None:
    split(kinesis, "shardId-000000000000")
    parent, _, low, high = kinesis.list_shards(StreamName="s")["Shards"]
    assert "EndingSequenceNumber" in parent["SequenceNumberRange"]
    assert {low["ParentShardId"], high["ParentShardId"]} == {parent["ShardId"]}
    assert low["HashKeyRange"]["StartingHashKey"] == parent["HashKeyRange"]["StartingHashKey"]
    assert int(low["HashKeyRange"]["EndingHashKey"]) + 1 == int(high["HashKeyRange"]["StartingHashKey"])
    again = {"StreamName": "s", "ShardToSplit": parent["ShardId"], "NewStartingHashKey": "99"}
    assert error_of(kinesis.split_shard, **again) == "InvalidArgumentException"


def test_merge_joins_two_adjacent_shards(kinesis: Any) -> None:
    low, high = shard_ids(kinesis)
    kinesis.merge_shards(StreamName="s", ShardToMerge=low, AdjacentShardToMerge=high)
    *_, child = kinesis.list_shards(StreamName="s")["Shards"]
    assert (child["ParentShardId"], child["AdjacentParentShardId"]) == (low, high)
    assert child["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)}
    assert kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["OpenShardCount"] == 1


@pytest.mark.parametrize("target", [1, 3, 4])
def test_update_shard_count_covers_all_keys_evenly(kinesis: Any, target: int) -> None:
    kinesis.update_shard_count(StreamName="s", TargetShardCount=target, ScalingType="UNIFORM_SCALING")
    shards = kinesis.list_shards(StreamName="s", ShardFilter={"Type": "AT_LATEST"})["Shards"]
    ranges = sorted(
        (int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"])) for s in shards
    )
    assert len(ranges) == target
    assert [first for first, _ in ranges] == [0, *(last + 1 for _, last in ranges[:-1])]
    assert ranges[-1][1] == 2**128 - 1


def test_update_shard_count_is_rejected_beyond_double(kinesis: Any) -> None:
    options = {"StreamName": "s", "TargetShardCount": 5, "ScalingType": "UNIFORM_SCALING"}
    assert error_of(kinesis.update_shard_count, **options) == "InvalidArgumentException"


def test_on_demand_streams_reject_resharding(world: World) -> None:
    client = world.cloud.client("kinesis")
    client.create_stream(StreamName="s", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    described = client.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    assert (described["StreamModeDetails"]["StreamMode"], described["OpenShardCount"]) == ("ON_DEMAND", 4)
    options = {"StreamName": "s", "TargetShardCount": 8, "ScalingType": "UNIFORM_SCALING"}
    assert error_of(client.update_shard_count, **options) == "ValidationException"


def test_iterators_expire_after_five_minutes(world: World, kinesis: Any) -> None:
    token = iterator(kinesis, "shardId-000000000000")
    world.cloud.advance(minutes=5)
    assert kinesis.get_records(ShardIterator=token)["Records"] == []
    world.cloud.advance(seconds=1)
    assert error_of(kinesis.get_records, ShardIterator=token) == "ExpiredIteratorException"
    assert error_of(kinesis.get_records, ShardIterator="bm8=") == "InvalidArgumentException"


def test_a_shard_takes_a_thousand_records_a_second(world: World, kinesis: Any) -> None:
    for _ in range(2):
        assert all("ErrorCode" not in result for result in put(kinesis, *["k"] * 500))
    results = put(kinesis, *["k"] * 10, *(f"order-{number}" for number in range(10)))
    assert {result["ErrorCode"] for result in results[:10]} == {"ProvisionedThroughputExceededException"}
    assert any("SequenceNumber" in result for result in results[10:])
    world.cloud.advance(seconds=1)
    assert "SequenceNumber" in put(kinesis, "k")[0]


def test_a_shard_takes_a_mebibyte_a_second(world: World, kinesis: Any) -> None:
    results = put(kinesis, "k", "k", "k", data=b"x" * 400_000)
    assert ["ErrorCode" in result for result in results] == [False, False, True]
    world.cloud.advance(seconds=1)
    assert "SequenceNumber" in put(kinesis, "k", data=b"x" * 400_000)[0]


def test_large_records_need_the_streams_setting(world: World, kinesis: Any) -> None:
    large = {"StreamName": "s", "PartitionKey": "k", "Data": b"x" * 2 * MIB}
    assert error_of(kinesis.put_record, **large) == "ValidationException"
    stream = arn("kinesis", "stream/s")
    kinesis.update_max_record_size(StreamARN=stream, MaxRecordSizeInKiB=4096)
    assert "SequenceNumber" in kinesis.put_record(**large)
    world.cloud.advance(seconds=1)
    assert "ErrorCode" in put(kinesis, "k")[0]
    world.cloud.advance(seconds=2)
    assert "SequenceNumber" in put(kinesis, "k")[0]


def test_a_shard_allows_five_reads_a_second(world: World, kinesis: Any) -> None:
    token = iterator(kinesis, "shardId-000000000000")
    for _ in range(5):
        kinesis.get_records(ShardIterator=token)
    code = error_of(kinesis.get_records, ShardIterator=token)
    assert code == "ProvisionedThroughputExceededException"
    world.cloud.advance(seconds=1)
    kinesis.get_records(ShardIterator=token)


def test_records_expire_with_the_retention_period(world: World, kinesis: Any) -> None:
    shard = put(kinesis, "k")[0]["ShardId"]
    world.cloud.skip(hours=23)
    assert len(read(kinesis, shard)) == 1
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=48)
    world.cloud.skip(hours=24)
    assert len(read(kinesis, shard)) == 1
    kinesis.decrease_stream_retention_period(StreamName="s", RetentionPeriodHours=24)
    assert read(kinesis, shard) == []


def test_reads_say_how_far_they_are_behind(world: World, kinesis: Any) -> None:
    shard = put(kinesis, "k", "k")[0]["ShardId"]
    world.cloud.advance(seconds=30)
    response = kinesis.get_records(ShardIterator=iterator(kinesis, shard), Limit=1)
    assert response["MillisBehindLatest"] == timedelta(seconds=30) / timedelta(milliseconds=1)
    response = kinesis.get_records(ShardIterator=response["NextShardIterator"])
    assert response["MillisBehindLatest"] == 0


def test_unsupported_operations_are_rejected_by_name(kinesis: Any) -> None:
    consumer = {"StreamARN": arn("kinesis", "stream/s"), "ConsumerName": "c"}
    with pytest.raises(ClientError, match="register_stream_consumer is not supported offline"):
        kinesis.register_stream_consumer(**consumer)


def test_functions_need_permission_to_put_records(world: World, kinesis: Any) -> None:
    iam = world.cloud.client("iam")
    statement = {"Effect": "Allow", "Action": "kinesis:PutRecord", "Resource": arn("kinesis", "stream/s")}
    trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    document = {"Version": "2012-10-17", "Statement": [trusted]}
    role = iam.create_role(RoleName="writer", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    document["Statement"] = [statement]
    iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=json.dumps(document))
    writer = world.cloud.client("kinesis", role=role)
    assert "SequenceNumber" in writer.put_record(StreamName="s", PartitionKey="k", Data=b"x")
    assert error_of(writer.put_records, StreamName="s", Records=[]) == "AccessDeniedException"
    token = iterator(kinesis, "shardId-000000000000")
    assert error_of(writer.get_records, ShardIterator=token) == "AccessDeniedException"
