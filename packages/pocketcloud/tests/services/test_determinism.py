import gc
import hashlib
import json
from collections.abc import Callable
from typing import Any
from weakref import ReferenceType, ref

import pytest
from moto.sqs.models import Message
from small_world import World, entry

from pocketcloud import OfflineCloud

RELAY = """
    import boto3, json, random, uuid
    client = boto3.client("events")
    def handle(event, context):
        for record in event["Records"]:
            detail = record["dynamodb"]["NewImage"]["event"]["S"]
            client.put_events(Entries=[
                {"Source": "orders", "DetailType": "OrderCreated", "Detail": detail, "EventBusName": "b"}
            ])
        print(uuid.uuid4(), random.random())
"""
FLAKY = """
    import random
    def handle(event, context):
        return {"batchItemFailures": [
            {"itemIdentifier": record["messageId"]} for record in event["Records"] if random.random() < 0.3
        ]}
"""


def run(seed: int) -> tuple[str, list[str]]:
    """Run a busy cloud with a seed; return the hash of its journal and a function's random output."""
    with OfflineCloud(seed=seed) as cloud:
        world = World(cloud)
        world.bus("b")
        topic = world.topic("t")
        world.rule("all", {"source": ["orders"]}, {"Arn": topic}, bus="b")
        stream = world.table()
        world.function("relay", RELAY)
        world.mapping(stream, "relay", StartingPosition="TRIM_HORIZON", BatchSize=3)
        for name in ("one", "two"):
            world.reacting(name, FLAKY, FunctionResponseTypes=["ReportBatchItemFailures"])
            world.subscribe(topic, world.cloud.engine.sqs.get_queue(name).queue_arn)
        world.put(*(f"order-{number}" for number in range(20)))
        world.cloud.put_events([entry(bus="b", subject=f"x{number}") for number in range(10)])
        cloud.settle()
        hops = json.dumps([str(hop) for hop in cloud.journal.hops])
        assert len(cloud.journal.hops) > 300
        return hashlib.sha256(hops.encode()).hexdigest(), cloud.logs("relay")


def test_same_seed_gives_the_same_run() -> None:
    assert run(7) == run(7)


def test_another_seed_gives_another_run() -> None:
    assert run(7) != run(8)


def test_journal_finds_hops_by_event_and_subject() -> None:
    with OfflineCloud() as cloud:
        world = World(cloud)
        world.rule("all", {"source": ["orders"]}, {"Arn": world.queue("q")})
        cloud.put_events([entry(subject="o1"), entry(subject="o2")])
        assert [hop.kind for hop in cloud.journal.of("o1")] == ["accepted", "matched"]
        cloud.settle()
        assert [hop.kind for hop in cloud.journal.of("o1")] == ["accepted", "matched", "enqueued"]
        assert cloud.journal.of_event("id-OrderCreated-o2") == cloud.journal.of("o2")
        assert cloud.journal.of("nobody") == []


def test_reset_keeps_only_the_deployment() -> None:
    with OfflineCloud() as cloud:
        world = World(cloud)
        world.reacting("f")
        world.table()
        world.mapping(
            cloud.engine.dynamodb.get_table("log").describe()["TableDescription"]["LatestStreamArn"],
            "f",
            StartingPosition="TRIM_HORIZON",
        )
        world.put("a")
        world.send("f", "x")
        cloud.reset()
        cloud.settle()
        assert cloud.journal.hops == []
        assert cloud.client("dynamodb").scan(TableName="log")["Items"] == []
        world.put("b")
        world.send("f", "y")
        cloud.settle()
        assert sorted(world.batches("f"), key=str) == [["y"], [{"pk": {"S": "b"}}]]


def test_reset_leaves_no_messages_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ReferenceType[Message]] = []

    def noted(message: Message, *values: Any, **named: Any) -> None:
        made.append(ref(message))
        original(message, *values, **named)

    original: Callable[..., None] = vars(Message)["__init__"]
    monkeypatch.setattr(Message, "__init__", noted)
    with OfflineCloud() as cloud:
        sqs = cloud.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        for _ in range(3):
            sqs.send_message(QueueUrl=url, MessageBody="hello")
            cloud.reset()
        gc.collect()
        assert len(made) >= 3
        assert [message() for message in made if message()] == []
