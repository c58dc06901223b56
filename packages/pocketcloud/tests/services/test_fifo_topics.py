"""FIFO topics: order per group, deduplication and sequence numbers."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, policy

from pocketcloud import OfflineCloud


@pytest.fixture
def topic(world: World) -> str:
    """A FIFO topic with a raw subscription of a FIFO queue."""
    made = world.cloud.client("sns").create_topic(Name="t.fifo", Attributes={"FifoTopic": "true"})
    world.queue("q.fifo", FifoQueue="true", Policy=policy(Principal={"Service": ["sns.amazonaws.com"]}))
    world.subscribe(made["TopicArn"], arn("sqs", "q.fifo"))
    return str(made["TopicArn"])


def publish(world: World, topic: str, message: str, group: str = "g", **more: Any) -> dict[str, Any]:
    unique = {"MessageDeduplicationId": message, **more}
    sent: dict[str, Any] = world.cloud.client("sns").publish(
        TopicArn=topic, Message=message, MessageGroupId=group, **unique
    )
    return sent


def received(world: World) -> list[str]:
    found = world.cloud.client("sqs").receive_message(QueueUrl=world.url("q.fifo"), MaxNumberOfMessages=10)
    return [message["Body"] for message in found.get("Messages", [])]


def test_messages_of_a_group_arrive_in_order(cloud: OfflineCloud, world: World, topic: str) -> None:
    for number in range(9):
        publish(world, topic, str(number))
    cloud.settle()
    assert received(world) == list("012345678")


def test_failed_delivery_blocks_its_group(cloud: OfflineCloud, world: World, topic: str) -> None:
    cloud.outages.add("queue/q.fifo")
    publish(world, topic, "1")
    cloud.advance(seconds=1)
    publish(world, topic, "2")
    cloud.advance(seconds=1)
    assert received(world) == []
    cloud.outages.clear()
    cloud.settle()
    assert received(world) == ["1", "2"]


def test_duplicate_is_accepted_but_not_delivered(cloud: OfflineCloud, world: World, topic: str) -> None:
    first = publish(world, topic, "x")
    again = publish(world, topic, "y", MessageDeduplicationId="x")
    assert again["MessageId"] == first["MessageId"]
    cloud.advance(minutes=timedelta(minutes=6) / timedelta(minutes=1))
    later = publish(world, topic, "z", MessageDeduplicationId="x")
    assert int(later["SequenceNumber"]) > int(first["SequenceNumber"])
    cloud.settle()
    assert received(world) == ["x", "z"]


def test_batch_has_sequence_numbers(world: World, topic: str) -> None:
    entries = [
        {"Id": name, "Message": name, "MessageGroupId": "g", "MessageDeduplicationId": name} for name in "ab"
    ]
    response = world.cloud.client("sns").publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    first, second = [int(entry["SequenceNumber"]) for entry in response["Successful"]]
    assert first < second


def test_envelope_has_the_sequence_number(cloud: OfflineCloud, world: World, topic: str) -> None:
    admitted = policy(Principal={"Service": ["sns.amazonaws.com"]})
    world.queue("standard", Policy=admitted)
    world.subscribe(topic, arn("sqs", "standard"), raw=False)
    sent = publish(world, topic, "x")
    cloud.settle()
    (body,) = map(json.loads, world.bodies("standard"))
    assert body["SequenceNumber"] == sent["SequenceNumber"]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "MessageGroupId"),
        ({"MessageGroupId": "g"}, "ContentBasedDeduplication enabled or MessageDeduplicationId"),
    ],
)
def test_incomplete_message_is_rejected(
    world: World, topic: str, parameters: dict[str, str], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        world.cloud.client("sns").publish(TopicArn=topic, Message="x", **parameters)


@pytest.mark.parametrize(
    ("name", "attributes", "reason"),
    [
        ("t", {"FifoTopic": "true"}, "must end with .fifo"),
        ("t.fifo", {}, "Topic names must be made up"),
        ("t", {"ContentBasedDeduplication": "true"}, "is for FIFO topics only"),
    ],
)
def test_wrong_topic_is_rejected(world: World, name: str, attributes: dict[str, str], reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        world.cloud.client("sns").create_topic(Name=name, Attributes=attributes)
