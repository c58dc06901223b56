"""Data streams and log groups as targets of rules, schedules and pipes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, policy

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError

ORDERS = {"source": ["orders"]}
STREAM = arn("kinesis", "stream/s")


def entry(**detail: Any) -> dict[str, Any]:
    return {"Source": "orders", "DetailType": "Sold", "Detail": json.dumps(detail)}


def stream(world: World) -> Any:
    client = world.cloud.client("kinesis")
    client.create_stream(StreamName="s", ShardCount=1)
    return client


def records(client: Any) -> list[tuple[str, Any]]:
    shard = client.list_shards(StreamName="s")["Shards"][0]["ShardId"]
    start = client.get_shard_iterator(StreamName="s", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    found = client.get_records(ShardIterator=start["ShardIterator"])["Records"]
    return [(each["PartitionKey"], json.loads(each["Data"])) for each in found]


def log_group(world: World, *, admits: bool = True) -> Any:
    client = world.cloud.client("logs")
    client.create_log_group(logGroupName="/events/all")
    if admits:
        principal = {"Service": "events.amazonaws.com"}
        document = policy(Principal=principal, Action="logs:*", Resource=f"{LOG_GROUP}:*")
        client.put_resource_policy(policyName="events", policyDocument=document)
    return client


LOG_GROUP = arn("logs", "log-group:/events/all")


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"KinesisParameters": {"PartitionKeyPath": "$.detail.order"}}, "o1"),
        ({"KinesisParameters": {"PartitionKeyPath": "$.detail.lines"}}, "[1, 2]"),
        ({"KinesisParameters": {"PartitionKeyPath": "$.detail.none"}}, None),
        ({}, None),
    ],
)
def test_rule_puts_the_event_into_the_stream(
    world: World, parameters: dict[str, Any], key: str | None
) -> None:
    client = stream(world)
    world.rule("all", ORDERS, {"Arn": STREAM, "RoleArn": world.role(), **parameters})
    world.cloud.put_events([entry(order="o1", lines=[1, 2])])
    world.cloud.settle()
    ((found, event),) = records(client)
    assert (found, event["detail"]) == (key or event["id"], {"order": "o1", "lines": [1, 2]})
    (hop,) = world.hops(Kind.RECORDED)
    assert (hop.source, hop.destination) == ("rule/all", "stream/s")


def test_stream_receives_the_input_of_the_target(world: World) -> None:
    client = stream(world)
    transformer = {"InputPathsMap": {"o": "$.detail.order"}, "InputTemplate": '{"sold": <o>}'}
    world.rule("all", ORDERS, {"Arn": STREAM, "RoleArn": world.role(), "InputTransformer": transformer})
    world.cloud.put_events([entry(order="o1")])
    world.cloud.settle()
    assert [event for _, event in records(client)] == [{"sold": "o1"}]


def test_stream_needs_a_role_of_the_rule(world: World) -> None:
    stream(world)
    with pytest.raises(ClientError, match="RoleArn is required"):
        world.rule("all", ORDERS, {"Arn": STREAM})
    path = {"PartitionKeyPath": "detail.order"}
    with pytest.raises(ClientError, match="not valid"):
        world.rule("all", ORDERS, {"Arn": STREAM, "RoleArn": world.role(), "KinesisParameters": path})


def test_event_that_the_stream_rejects_is_dead_lettered(world: World) -> None:
    stream(world)
    iam = world.cloud.client("iam")
    target = {"RoleArn": world.role(), "DeadLetterConfig": {"Arn": world.queue("dlq")}}
    world.rule("all", ORDERS, {"Arn": STREAM, **target}, {"Arn": arn("kinesis", "stream/gone"), **target})
    world.cloud.put_events([entry()])
    world.cloud.settle()
    iam.put_role_policy(RoleName="any", PolicyName="everything", PolicyDocument=policy(Effect="Deny"))
    world.cloud.put_events([entry()])
    world.cloud.settle()
    codes = [each["MessageAttributes"]["ERROR_CODE"]["StringValue"] for each in world.messages("dlq")]
    assert sorted(codes) == ["NO_PERMISSIONS", "NO_PERMISSIONS", "NO_RESOURCE"]


def test_full_shard_is_tried_again(world: World) -> None:
    client = stream(world)
    world.rule("all", ORDERS, {"Arn": STREAM, "RoleArn": world.role()})
    world.cloud.outages.add("stream/s")
    world.cloud.put_events([entry()])
    world.cloud.advance(seconds=10)
    world.cloud.outages.clear()
    world.cloud.settle()
    assert len(records(client)) == 1
    assert world.hops(Kind.RETRIED)


def test_schedule_puts_its_input_into_the_stream(world: World) -> None:
    client = stream(world)
    at = (world.cloud.clock.now() + timedelta(hours=1)).strftime("at(%Y-%m-%dT%H:%M:%S)")
    target = {"Arn": STREAM, "RoleArn": world.role(), "Input": '{"tick": 1}'}
    request = {"Name": "s", "ScheduleExpression": at, "FlexibleTimeWindow": {"Mode": "OFF"}}
    scheduler = world.cloud.client("scheduler")
    with pytest.raises(ClientError, match="PartitionKey"):
        scheduler.create_schedule(**request, Target=target)
    scheduler.create_schedule(**request, Target={**target, "KinesisParameters": {"PartitionKey": "clock"}})
    world.cloud.advance(hours=2)
    assert records(client) == [("clock", {"tick": 1})]


@pytest.mark.parametrize(("key", "expected"), [("$.body.order", ["o1", "o2"]), ("all", ["all", "all"])])
def test_pipe_puts_records_into_the_stream(world: World, key: str, expected: list[str]) -> None:
    client = stream(world)
    parameters = {"KinesisStreamParameters": {"PartitionKey": key}, "InputTemplate": "<$.body>"}
    world.pipe(world.queue("q"), STREAM, TargetParameters=parameters)
    world.send("q", '{"order": "o1"}', '{"order": "o2"}')
    world.cloud.settle()
    assert records(client) == [(expected[0], {"order": "o1"}), (expected[1], {"order": "o2"})]


def test_pipe_retries_a_record_without_the_path(world: World) -> None:
    client = stream(world)
    parameters = {"KinesisStreamParameters": {"PartitionKey": "$.body.order"}}
    world.queue("dlq")
    world.pipe(world.queue("q", dead_letters="dlq", receives=2), STREAM, TargetParameters=parameters)
    world.send("q", '{"other": "o1"}')
    world.cloud.settle()
    assert (records(client), world.bodies("dlq")) == ([], ['{"other": "o1"}'])


def test_paths_choose_source_and_group_of_a_pipes_messages(world: World) -> None:
    world.bus("b")
    world.rule("all", {"source": ["shop-1"], "detail-type": ["Sold"]}, {"Arn": world.queue("out")}, bus="b")
    parameters = {"Source": "$.body.shop", "DetailType": "$.messageAttributes.type.stringValue"}
    world.pipe(
        world.queue("q"),
        arn("events", "event-bus/b"),
        TargetParameters={"EventBridgeEventBusParameters": parameters, "InputTemplate": "<$.body>"},
    )
    world.cloud.client("sqs").send_message(
        QueueUrl=world.url("q"),
        MessageBody='{"shop": "shop-1"}',
        MessageAttributes={"type": {"DataType": "String", "StringValue": "Sold"}},
    )
    world.cloud.settle()
    assert [json.loads(body)["detail"] for body in world.bodies("out")] == [{"shop": "shop-1"}]


def test_wildcard_in_a_pipes_parameter_is_rejected(world: World) -> None:
    stream(world)
    parameters = {"KinesisStreamParameters": {"PartitionKey": "$.body.lines[*].sku"}}
    with pytest.raises(UnsupportedOfflineError, match="wildcards"):
        world.pipe(world.queue("q"), STREAM, TargetParameters=parameters)


def test_rule_writes_the_event_to_the_log_group(world: World) -> None:
    logs = log_group(world)
    world.rule("all", ORDERS, {"Arn": LOG_GROUP}, {"Arn": f"{LOG_GROUP}:*"})
    world.cloud.put_events([entry(order="o1")])
    world.cloud.settle()
    found = logs.filter_log_events(logGroupName="/events/all")["events"]
    assert [json.loads(each["message"])["detail"] for each in found] == [{"order": "o1"}] * 2
    assert {hop.destination for hop in world.hops(Kind.RECORDED)} == {"log-group//events/all"}
    world.cloud.reset()
    assert logs.filter_log_events(logGroupName="/events/all")["events"] == []


@pytest.mark.parametrize("message", ["<o>", '{"order":<o>}'])
def test_log_group_receives_time_and_message_of_the_input(world: World, message: str) -> None:
    logs = log_group(world)
    transformer = {
        "InputPathsMap": {"o": "$.detail.order", "t": "$.detail.at"},
        "InputTemplate": f'{{"timestamp": <t>, "message": {message}}}',
    }
    world.rule("all", ORDERS, {"Arn": LOG_GROUP, "InputTransformer": transformer})
    world.cloud.put_events(
        [entry(order="o1", at=1767225600000), entry(order="o2", at="2026-01-01T00:00:00Z")]
    )
    world.cloud.settle()
    found = logs.filter_log_events(logGroupName="/events/all")["events"]
    assert {each["timestamp"] for each in found} == {1767225600000}
    assert sorted(each["message"] for each in found) == [
        message.replace("<o>", name if message == "<o>" else f'"{name}"') for name in ("o1", "o2")
    ]


def test_event_that_the_log_group_rejects_is_dead_lettered(world: World) -> None:
    dead_letters = {"DeadLetterConfig": {"Arn": world.queue("dlq")}}
    world.rule("all", ORDERS, {"Arn": LOG_GROUP, **dead_letters})

    def code() -> str:
        world.cloud.put_events([entry()])
        world.cloud.settle()
        (dead,) = world.messages("dlq")
        world.cloud.advance(minutes=2)  # between two purges
        world.cloud.client("sqs").purge_queue(QueueUrl=world.url("dlq"))
        return str(dead["MessageAttributes"]["ERROR_CODE"]["StringValue"])

    assert code() == "NO_RESOURCE"
    log_group(world, admits=False)
    assert code() == "NO_PERMISSIONS"
    world.cloud.client("logs").delete_log_group(logGroupName="/events/all")
    log_group(world)
    world.rule("all", ORDERS, {"Arn": LOG_GROUP, **dead_letters, "Input": '"no message"'})
    assert code() == "SDK_CLIENT_ERROR"
