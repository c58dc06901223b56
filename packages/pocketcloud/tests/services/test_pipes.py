"""Pipes from queues to queues, topics, buses and functions.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import PIPE_ROLE, World, arn

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.core.journal import Kind

BATCHES = """
    import json
    def handle(event, context):
        print(json.dumps([record["body"] for record in event]))
        return {"batchItemFailures": [
            {"itemIdentifier": record["messageId"]} for record in event if record["body"] == "bad"
        ]}
"""


def pipe(world: World, target: str, *, actions: str | list[str] = "*", **options: Any) -> None:
    """Create a queue `in` and a pipe from it, with a role that allows these actions."""
    world.queue("in-dlq")
    world.queue("in", dead_letters="in-dlq")
    world.pipe(arn("sqs", "in"), target, actions=actions, **options)


def test_pipe_moves_records_from_queue_to_queue(world: World) -> None:
    pipe(world, world.queue("out"))
    world.send("in", "a", "b")
    world.cloud.settle()
    records = [json.loads(body) for body in world.bodies("out")]
    assert [record["body"] for record in records] == ["a", "b"]
    assert records[0]["eventSourceARN"] == arn("sqs", "in")
    assert world.bodies("in") == []
    assert [hop.source for hop in world.hops(Kind.ENQUEUED)][-2:] == ["pipe/p", "pipe/p"]


def test_pipe_drops_what_its_filters_do_not_match(world: World) -> None:
    filters = {"Filters": [{"Pattern": '{"body": {"kind": ["yes"]}}'}]}
    pipe(world, world.queue("out"), SourceParameters={"FilterCriteria": filters})
    world.send("in", '{"kind": "no"}', '{"kind": "yes"}')
    world.cloud.settle()
    assert [json.loads(json.loads(body)["body"])["kind"] for body in world.bodies("out")] == ["yes"]
    assert len(world.hops(Kind.FILTERED)) == 1


def test_pipe_puts_events_on_a_bus(world: World) -> None:
    bus, out = world.bus("b"), world.queue("out")
    world.rule("all", {"source": ["Pipe p"]}, {"Arn": out}, bus="b")
    pipe(world, bus)
    world.send("in", "a")
    world.cloud.settle()
    (event,) = map(json.loads, world.bodies("out"))
    assert (event["detail-type"], event["detail"]["body"]) == ("Event from aws:sqs", "a")


def test_pipe_publishes_to_a_topic(world: World) -> None:
    topic = world.topic("t")
    world.subscribe(topic, world.queue("out"))
    pipe(world, topic)
    world.send("in", "a")
    world.cloud.settle()
    assert [json.loads(body)["body"] for body in world.bodies("out")] == ["a"]


def test_function_gets_a_list_and_reports_failures(world: World) -> None:
    pipe(world, world.function("f", BATCHES))
    world.send("in", "good", "bad")
    world.cloud.settle()
    assert world.batches("f") == [["good", "bad"], ["bad"], ["bad"]]
    assert world.bodies("in-dlq") == ["bad"]


POLLING = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]


@pytest.mark.parametrize("actions", [["sqs:SendMessage"], POLLING])
def test_pipe_needs_the_permissions_of_its_role(world: World, actions: list[str]) -> None:
    pipe(world, world.queue("out"), actions=actions)
    world.send("in", "a")
    world.cloud.settle()
    assert world.bodies("out") == []
    assert world.cloud.access.denials


def test_stopped_pipe_moves_nothing_until_started(world: World) -> None:
    pipe(world, world.queue("out"), DesiredState="STOPPED")
    world.send("in", "a")
    world.cloud.settle()
    assert world.bodies("out") == []
    world.cloud.client("pipes").start_pipe(Name="p")
    world.cloud.settle()
    assert len(world.bodies("out")) == 1


def test_deleted_pipe_moves_nothing(world: World) -> None:
    pipe(world, world.queue("out"))
    world.cloud.client("pipes").delete_pipe(Name="p")
    world.send("in", "a")
    world.cloud.settle()
    assert world.bodies("in") == ["a"]


def test_second_pipe_of_a_name_conflicts(world: World) -> None:
    pipe(world, world.queue("out"))
    with pytest.raises(ClientError, match="ConflictException"):
        world.cloud.client("pipes").create_pipe(
            Name="p", Source=arn("sqs", "in"), Target=arn("sqs", "out"), RoleArn=PIPE_ROLE
        )


@pytest.mark.parametrize(
    "options",
    [
        {"Enrichment": arn("states", "stateMachine:m")},
        {"TargetParameters": {"InputTemplate": "<$.body.*>"}},
        {"Target": arn("states", "stateMachine:m")},
        {"Source": arn("mq", "broker:b:b-1")},
    ],
)
def test_unsupported_pipe_is_rejected_by_name(world: World, options: dict[str, Any]) -> None:
    chosen = {"Name": "p", "Source": arn("sqs", "in"), "Target": arn("sqs", "out"), "RoleArn": PIPE_ROLE}
    with pytest.raises(UnsupportedOfflineError, match="pipe p: "):
        world.cloud.client("pipes").create_pipe(**{**chosen, **options})
