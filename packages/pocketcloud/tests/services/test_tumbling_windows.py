"""Tumbling windows of event source mappings on streams.

The facts are those of two pages of AWS's guide, read on 2026-11-29:
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
"""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn

from pocketcloud import Kind

STREAM = arn("kinesis", "stream/s")
WINDOW_SECONDS = 120
COUNT = """
    import base64, json
    def handle(event, context):
        print(json.dumps(event))
        state = event["state"]
        for record in event["Records"]:
            key = record["kinesis"]["partitionKey"]
            state[key] = state.get(key, 0) + 1
        return {"state": state}
"""
LARGE = """
    import json
    def handle(event, context):
        print(json.dumps({**event, "state": len(json.dumps(event["state"]))}))
        return {"state": {"text": "x" * 1024 * 1024} if event["Records"] else {}}
"""
STATELESS = """
    import json
    def handle(event, context):
        print(json.dumps(event))
        return {"batchItemFailures": []}
"""
CONSTANT = """
    import json
    def handle(event, context):
        print(json.dumps(event))
        return {"state": {"n": 1}}
"""
FAILS_TWICE_AT_THE_END = (
    COUNT.replace("import base64, json", "import base64, json\n    failed = []").rpartition("return")[0]
    + """
        if event["isFinalInvokeForWindow"] and len(failed) < 2:
            failed.append(event)
            raise RuntimeError("no")
        return {"state": state}
"""
)


def windowed(world: World, source: str = COUNT, **options: Any) -> None:
    """Create a stream of one shard, mapped to `f` with a window of two minutes that has just begun."""
    world.cloud.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    world.function("f", source)
    options = {"StartingPosition": "TRIM_HORIZON", "TumblingWindowInSeconds": WINDOW_SECONDS, **options}
    world.mapping(STREAM, "f", **options)
    world.cloud.advance(seconds=WINDOW_SECONDS - world.cloud.clock.now().timestamp() % WINDOW_SECONDS)


def put(world: World, *keys: str) -> None:
    records = [{"Data": b"x", "PartitionKey": key} for key in keys]
    world.cloud.client("kinesis").put_records(StreamName="s", Records=records)


def events(world: World) -> list[dict[str, Any]]:
    """Return the events that the function received."""
    return [json.loads(line) for line in world.cloud.logs("f") if line.startswith('{"Records"')]


def outline(event: dict[str, Any]) -> tuple[int, Any, bool, bool]:
    """Return the number of records, the state and both flags."""
    flags = event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]
    return len(event["Records"]), event["state"], *flags


def test_invocations_of_a_window_share_a_state(world: World) -> None:
    windowed(world, BatchSize=2)
    put(world, "a", "a", "b")
    world.cloud.settle()
    assert list(map(outline, events(world))) == [
        (2, {}, False, False),
        (1, {"a": 2}, False, False),
        (0, {"a": 2, "b": 1}, True, False),
    ]


def test_event_has_the_fields_of_lambdas_event(world: World) -> None:
    windowed(world)
    began = world.cloud.clock.now()
    put(world, "a")
    world.cloud.settle()
    (first, final) = events(world)
    ends = (f"{began:%Y-%m-%dT%H:%M:%SZ}", f"{began + timedelta(seconds=WINDOW_SECONDS):%Y-%m-%dT%H:%M:%SZ}")
    for event in (first, final):
        assert (event["window"]["start"], event["window"]["end"]) == ends
        assert (event["shardId"], event["eventSourceARN"]) == ("shardId-000000000000", STREAM)


def test_window_is_closed_at_its_end(world: World) -> None:
    windowed(world)
    put(world, "a")
    world.cloud.advance(seconds=WINDOW_SECONDS - 1)
    assert [event["isFinalInvokeForWindow"] for event in events(world)] == [False]
    world.cloud.advance(seconds=10)
    assert [event["isFinalInvokeForWindow"] for event in events(world)] == [False, True]


def test_records_of_two_windows_are_in_two_batches(world: World) -> None:
    windowed(world, MaximumBatchingWindowInSeconds=200)
    put(world, "a", "b")
    world.cloud.advance(seconds=WINDOW_SECONDS + 1)
    put(world, "c")
    world.cloud.settle()
    assert list(map(outline, events(world))) == [
        (2, {}, False, False),
        (0, {"a": 1, "b": 1}, True, False),
        (1, {}, False, False),
        (0, {"c": 1}, True, False),
    ]
    starts = [datetime.fromisoformat(event["window"]["start"]) for event in events(world)]
    assert starts[2] - starts[0] == timedelta(seconds=WINDOW_SECONDS)


def test_state_above_one_megabyte_ends_the_window_early(world: World) -> None:
    windowed(world, LARGE, BatchSize=1)
    put(world, "a", "b")
    world.cloud.advance(seconds=WINDOW_SECONDS - 1)
    flags = [event["isFinalInvokeForWindow"] for event in events(world)]
    assert flags == [False, True, False, True]
    assert [event["isWindowTerminatedEarly"] for event in events(world)] == flags
    fresh = len("{}")
    assert [event["state"] > fresh for event in events(world)] == flags
    assert len({event["window"]["start"] for event in events(world)}) == 1


def test_response_without_a_state_is_a_failure(world: World) -> None:
    windowed(world, STATELESS, MaximumRetryAttempts=1)
    put(world, "a")
    world.cloud.advance(seconds=WINDOW_SECONDS - 1)
    assert len(events(world)) == 2
    (lost,) = world.cloud.undelivered
    assert "RetryAttemptsExhausted" in lost.reason
    assert "no state" in lost.reason


def test_failed_final_invocation_blocks_the_records_behind_it(world: World) -> None:
    windowed(world, FAILS_TWICE_AT_THE_END)
    put(world, "a")
    world.cloud.advance(seconds=WINDOW_SECONDS)
    put(world, "b")
    world.cloud.settle()
    assert list(map(outline, events(world))) == [
        (1, {}, False, False),
        *[(0, {"a": 1}, True, False)] * 3,
        (1, {}, False, False),
        (0, {"b": 1}, True, False),
    ]


def test_state_is_dropped_with_a_reason_when_too_old(world: World) -> None:
    windowed(world, FAILS_TWICE_AT_THE_END.replace("len(failed) < 2", "True"), MaximumRecordAgeInSeconds=60)
    put(world, "a")
    world.cloud.settle()
    (lost,) = world.cloud.undelivered
    assert (lost.reason[:17], lost.body) == ("RecordAgeExceeded", '{"a": 1}')


def test_end_of_the_shard_closes_its_window(world: World) -> None:
    windowed(world)
    put(world, "a")
    world.cloud.advance(seconds=1)
    middle = str(2**127)
    client = world.cloud.client("kinesis")
    client.split_shard(StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=middle)
    put(world, "a")
    world.cloud.advance(seconds=WINDOW_SECONDS / 2)
    shown = [(event["shardId"][-1], *outline(event)) for event in events(world)]
    child = shown[-1][0]
    assert child in {"1", "2"}
    assert shown == [
        ("0", 1, {}, False, False),
        ("0", 0, {"a": 1}, True, False),
        (child, 1, {}, False, False),
    ]


def test_retry_gets_the_state_before_the_failure(world: World) -> None:
    failing = COUNT.replace("return", "failing = 'b' in state and not print('once')\n        return")
    once = failing.replace("import base64, json", "import base64, json\n    seen = []").replace(
        "return {",
        "if failing and not seen:\n            seen.append(1)\n            1 / 0\n        return {",
    )
    windowed(world, once, BatchSize=1)
    put(world, "a", "b")
    world.cloud.advance(seconds=60)
    assert [event["state"] for event in events(world)] == [{}, {"a": 1}, {"a": 1}]


def test_window_of_a_tables_stream(world: World) -> None:
    table = world.table("t", stream=True)
    world.function("f", CONSTANT)
    world.mapping(table, "f", StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60)
    world.cloud.client("dynamodb").put_item(TableName="t", Item={"pk": {"S": "a"}})
    world.cloud.settle()
    assert list(map(outline, events(world))) == [(1, {}, False, False), (0, {"n": 1}, True, False)]
    assert events(world)[0]["eventSourceARN"] == table


def test_journal_names_the_final_invocation(world: World) -> None:
    windowed(world)
    put(world, "a")
    world.cloud.settle()
    invoked = [hop.reason for hop in world.hops(Kind.INVOKED)]
    assert invoked[0] is None
    assert "the window ended" in str(invoked[1])


@pytest.mark.parametrize(
    "options",
    [
        {"TumblingWindowInSeconds": 901},
        {"TumblingWindowInSeconds": 60, "ParallelizationFactor": 2},
    ],
)
def test_mapping_rejects_a_window_of_the_wrong_kind(world: World, options: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=r"Validation|ParallelizationFactor"):
        windowed(world, **options)
