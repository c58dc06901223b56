"""FIFO queues: order within groups, deduplication and the errors of their API."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn

from pocketcloud import OfflineCloud

RECORDING = """
    import json
    def handle(event, context):
        print(json.dumps([record["body"] for record in event["Records"]]))
        bad = [record for record in event["Records"] if record["body"].startswith("bad")]
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in bad]}
"""


def fifo(world: World, name: str = "q.fifo", **attributes: Any) -> str:
    world.queue(name, FifoQueue="true", **attributes)
    return world.url(name)


def send(world: World, url: str, body: str, group: str = "g", **more: Any) -> dict[str, Any]:
    unique = {"MessageDeduplicationId": body, **more}
    sent: dict[str, Any] = world.cloud.client("sqs").send_message(
        QueueUrl=url, MessageBody=body, MessageGroupId=group, **unique
    )
    return sent


def receive(world: World, url: str, limit: int = 10, **more: Any) -> list[dict[str, Any]]:
    found = world.cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=limit, **more)
    messages: list[dict[str, Any]] = found.get("Messages", [])
    return messages


def bodies(messages: list[dict[str, Any]]) -> list[str]:
    return [message["Body"] for message in messages]


def test_message_in_flight_blocks_later_messages_of_its_group(world: World) -> None:
    url = fifo(world)
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        send(world, url, body, group)
    (first,) = receive(world, url, 1)
    assert bodies([first]) == ["a1"]
    assert bodies(receive(world, url)) == ["b1"]
    world.cloud.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert bodies(receive(world, url)) == ["a2"]


def test_order_holds_after_the_visibility_timeout(world: World) -> None:
    url = fifo(world, VisibilityTimeout=10)
    for body in ("1", "2", "3"):
        send(world, url, body)
    assert bodies(receive(world, url, 2)) == ["1", "2"]
    assert receive(world, url) == []
    world.cloud.advance(seconds=10)
    assert bodies(receive(world, url)) == ["1", "2", "3"]


def test_duplicate_is_dropped_for_five_minutes(world: World) -> None:
    url = fifo(world)
    first = send(world, url, "x")
    world.cloud.advance(minutes=4, seconds=59)
    again = send(world, url, "y", MessageDeduplicationId="x")
    assert again["MessageId"] == first["MessageId"]
    assert again["SequenceNumber"] == first["SequenceNumber"]
    world.cloud.advance(seconds=1)
    later = send(world, url, "z", MessageDeduplicationId="x")
    assert later["SequenceNumber"] > first["SequenceNumber"]
    assert bodies(receive(world, url)) == ["x", "z"]


def test_content_identifies_a_message_without_an_id(world: World) -> None:
    url = fifo(world, ContentBasedDeduplication="true")
    client = world.cloud.client("sqs")
    for group in ("a", "b"):
        client.send_message(QueueUrl=url, MessageBody="same", MessageGroupId=group)
    (message,) = receive(world, url, MessageSystemAttributeNames=["All"])
    assert message["Attributes"]["MessageGroupId"] == "a"
    assert len(message["Attributes"]["SequenceNumber"]) == 20


def test_deduplication_scope_can_be_the_group(world: World) -> None:
    url = fifo(world, DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    for group in ("a", "b", "a"):
        send(world, url, "same", group)
    assert len(receive(world, url)) == 2


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "must contain the parameter MessageGroupId"),
        ({"MessageGroupId": "g"}, "ContentBasedDeduplication enabled or MessageDeduplicationId"),
        ({"MessageGroupId": "g", "MessageDeduplicationId": "a b"}, "alphanumeric and punctuation"),
        ({"MessageGroupId": "g", "MessageDeduplicationId": "1", "DelaySeconds": 1}, "queue type"),
    ],
)
def test_incomplete_message_is_rejected(world: World, parameters: dict[str, Any], reason: str) -> None:
    url = fifo(world)
    with pytest.raises(ClientError, match=reason):
        world.cloud.client("sqs").send_message(QueueUrl=url, MessageBody="x", **parameters)


@pytest.mark.parametrize(
    ("name", "attributes", "reason"),
    [
        ("q", {"FifoQueue": "true"}, "must end with .fifo suffix"),
        ("q.fifo", {}, "Can only include alphanumeric"),
        ("q", {"FifoQueue": "false"}, "Unknown Attribute FifoQueue"),
        ("q", {"DeduplicationScope": "queue"}, "only when FifoQueue is set to true"),
        ("q.fifo", {"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"}, "DeduplicationScope"),
        ("q", {"VisibilityTimeout": "43201"}, "Invalid value for the parameter VisibilityTimeout"),
        ("q", {"Colour": "red"}, "Unknown Attribute Colour"),
    ],
)
def test_wrong_queue_is_rejected(world: World, name: str, attributes: dict[str, str], reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        world.cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)


def test_expired_receipt_handle_is_rejected(world: World) -> None:
    url = fifo(world, VisibilityTimeout=1)
    send(world, url, "x")
    (message,) = receive(world, url)
    world.cloud.advance(seconds=2)
    with pytest.raises(ClientError, match="The receipt handle has expired"):
        world.cloud.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_exhausted_message_frees_its_group(world: World) -> None:
    dead = fifo(world, "dead.fifo")
    url = fifo(world, dead_letters="dead.fifo", receives=1)
    for body in ("1", "2"):
        send(world, url, body)
    receive(world, url, 1, VisibilityTimeout=0)
    assert bodies(receive(world, url)) == ["2"]
    assert bodies(receive(world, dead)) == ["1"]


def test_failed_message_blocks_its_group_in_a_mapping(cloud: OfflineCloud, world: World) -> None:
    dead = fifo(world, "dead.fifo")
    url = fifo(world, dead_letters="dead.fifo", receives=2)
    world.function("f", RECORDING)
    for body, group in (("bad1", "a"), ("2", "a"), ("3", "b")):
        send(world, url, body, group)
    options = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "BatchSize": 1}
    world.mapping(arn("sqs", "q.fifo"), "f", **options)
    cloud.settle()
    assert world.batches("f") == [["bad1"], ["3"], ["bad1"], ["2"]]
    assert bodies(receive(world, dead)) == ["bad1"]
    assert receive(world, url) == []


def attempt(world: World, url: str, identifier: str = "try-1", **more: Any) -> list[dict[str, Any]]:
    return receive(world, url, ReceiveRequestAttemptId=identifier, **more)


def test_repeated_attempt_returns_the_same_messages_with_new_timeout(world: World) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
    url = fifo(world, VisibilityTimeout=10)
    assert attempt(world, url) == []
    send(world, url, "1")
    send(world, url, "2")
    first = attempt(world, url)
    assert bodies(first) == ["1", "2"]
    world.cloud.advance(seconds=9)
    assert attempt(world, url) == first
    assert attempt(world, url, "try-2") == []
    world.cloud.advance(seconds=9)
    assert receive(world, url) == []
    world.cloud.advance(seconds=1)
    assert bodies(receive(world, url)) == ["1", "2"]


def test_attempt_receives_again_when_a_message_was_deleted(world: World) -> None:
    url = fifo(world)
    for body, group in (("1", "a"), ("2", "b")):
        send(world, url, body, group)
    (first,) = receive(world, url, 1, ReceiveRequestAttemptId="try-1")
    world.cloud.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert bodies(attempt(world, url)) == ["2"]


@pytest.mark.parametrize(("name", "identifier"), [("q", "try-1"), ("q.fifo", "é")])
def test_attempt_is_rejected_when_the_queue_takes_none(world: World, name: str, identifier: str) -> None:
    attributes: dict[str, Any] = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    world.queue(name, **attributes)
    with pytest.raises(ClientError, match=r"InvalidParameterValue.*ReceiveRequestAttemptId"):
        attempt(world, world.url(name), identifier)
