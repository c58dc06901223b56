from collections.abc import Sized

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn

from pocketcloud import Kind


def attributes(world: World, name: str) -> dict[str, str]:
    """Return the queue's approximate message counts."""
    response = world.cloud.client("sqs").get_queue_attributes(
        QueueUrl=world.url(name), AttributeNames=["All"]
    )
    return {key: value for key, value in response["Attributes"].items() if key.startswith("Approx")}


def test_received_message_is_invisible_until_its_timeout(world: World) -> None:
    world.queue("q", VisibilityTimeout=30)
    world.send("q", "hello")
    (first,) = world.messages("q")
    world.cloud.advance(seconds=29)
    assert world.messages("q") == []
    world.cloud.advance(seconds=1)
    (again,) = world.messages("q")
    assert again["MessageId"] == first["MessageId"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_long_poll_of_an_empty_queue_returns_immediately(world: World) -> None:
    world.queue("q", ReceiveMessageWaitTimeSeconds=20)
    assert "Messages" not in world.cloud.client("sqs").receive_message(
        QueueUrl=world.url("q"), WaitTimeSeconds=20
    )


def test_message_is_visible_again_when_its_timeout_is_zero(world: World) -> None:
    world.queue("q")
    world.send("q", "hello")
    (message,) = world.messages("q")
    world.cloud.client("sqs").change_message_visibility(
        QueueUrl=world.url("q"), ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )
    assert world.bodies("q") == ["hello"]


def test_receive_with_zero_timeout_returns_each_message_once(world: World) -> None:
    world.queue("q")
    world.send("q", "a", "b")
    for _ in range(2):
        response = world.cloud.client("sqs").receive_message(
            QueueUrl=world.url("q"), MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        assert [message["Body"] for message in response["Messages"]] == ["a", "b"]


def test_deleting_a_message_twice_is_no_error(world: World) -> None:
    sqs = world.cloud.client("sqs")
    world.queue("q")
    world.send("q", "hello")
    (message,) = world.messages("q")
    for _ in range(2):
        sqs.delete_message(QueueUrl=world.url("q"), ReceiptHandle=message["ReceiptHandle"])
    world.cloud.advance(hours=1)
    assert world.messages("q") == []
    with pytest.raises(ClientError, match="ReceiptHandleIsInvalid"):
        sqs.delete_message(QueueUrl=world.url("q"), ReceiptHandle="made up")


def test_message_is_dead_lettered_after_too_many_receives(world: World) -> None:
    world.queue("dlq")
    world.queue("q", dead_letters="dlq", receives=2)
    world.send("q", "hello")
    (first,) = world.messages("q")
    for _ in range(2):
        world.cloud.advance(seconds=60)
        world.messages("q")
    (dead,) = world.messages("dlq")
    assert dead["MessageId"] == first["MessageId"]
    (lost,) = world.cloud.undelivered
    assert (lost.where, lost.reason) == ("queue/dlq", "received 2 times without being handled")
    (hop,) = world.hops(Kind.DEAD_LETTERED)
    assert (hop.source, hop.destination) == ("queue/q", "queue/dlq")


def test_retention_counts_from_the_first_send_after_redrive(world: World) -> None:
    world.queue("dlq", MessageRetentionPeriod=3600)
    world.queue("q", dead_letters="dlq", receives=1, VisibilityTimeout=3000)
    world.send("q", "hello")
    world.messages("q")
    world.cloud.advance(seconds=3000)
    world.messages("q")
    world.cloud.advance(seconds=601)
    assert world.messages("dlq") == []
    assert "retention period of 3600 s" in world.cloud.undelivered[-1].reason


def test_delayed_message_is_invisible_until_its_time(world: World) -> None:
    world.queue("q")
    world.cloud.client("sqs").send_message(QueueUrl=world.url("q"), MessageBody="later", DelaySeconds=60)
    assert attributes(world, "q")["ApproximateNumberOfMessagesDelayed"] == "1"
    assert world.messages("q") == []
    world.cloud.advance(seconds=60)
    assert world.bodies("q") == ["later"]


def test_counts_distinguish_visible_from_received(world: World) -> None:
    world.queue("q")
    world.send("q", "a", "b", "c")
    world.cloud.client("sqs").receive_message(QueueUrl=world.url("q"))
    assert attributes(world, "q") == {
        "ApproximateNumberOfMessages": "2",
        "ApproximateNumberOfMessagesDelayed": "0",
        "ApproximateNumberOfMessagesNotVisible": "1",
    }


def test_message_sent_to_a_dead_letter_queue_is_undelivered(world: World) -> None:
    world.queue("dlq")
    world.queue("q", dead_letters="dlq")
    reason = {"reason": {"DataType": "String", "StringValue": "hopeless"}}
    world.cloud.client("sqs").send_message(
        QueueUrl=world.url("dlq"), MessageBody="x", MessageAttributes=reason
    )
    assert [lost.reason for lost in world.cloud.undelivered] == ["hopeless"]


def test_purge_drops_all_messages_once_a_minute(world: World) -> None:
    sqs = world.cloud.client("sqs")
    world.queue("q")
    world.send("q", "a", "b")
    sqs.purge_queue(QueueUrl=world.url("q"))
    assert world.messages("q") == []
    assert [lost.reason for lost in world.cloud.undelivered] == ["purged by client"] * 2
    with pytest.raises(ClientError, match="PurgeQueueInProgress"):
        sqs.purge_queue(QueueUrl=world.url("q"))


def test_receive_returns_only_the_requested_attributes(world: World) -> None:
    world.queue("q")
    typed = {
        name: {"DataType": "String", "StringValue": name} for name in ("colour", "shape.kind", "shape.size")
    }
    world.cloud.client("sqs").send_message(QueueUrl=world.url("q"), MessageBody="x", MessageAttributes=typed)
    response = world.cloud.client("sqs").receive_message(
        QueueUrl=world.url("q"), MessageAttributeNames=["shape.*"]
    )
    assert set(response["Messages"][0]["MessageAttributes"]) == {"shape.kind", "shape.size"}


WRONG = [("\x01", "InvalidMessageContents"), ("é" * 524_289, "Message must be shorter")]


@pytest.mark.parametrize(("body", "reason"), WRONG, ids=["control character", "bytes"])
def test_invalid_body_is_rejected(world: World, body: str, reason: str) -> None:
    world.queue("q")
    with pytest.raises(ClientError, match=reason):
        world.send("q", body)


def test_batch_entry_fails_by_itself(world: World) -> None:
    world.queue("q", MaximumMessageSize=1024)
    url, client = world.url("q"), world.cloud.client("sqs")
    entries = [{"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "\x01"}]
    entries.append({"Id": "long", "MessageBody": "x" * 1025})
    response = client.send_message_batch(QueueUrl=url, Entries=entries)
    assert [entry["Id"] for entry in response["Successful"]] == ["good"]
    failed = {entry["Id"]: entry["Code"] for entry in response["Failed"]}
    assert failed == {"bad": "InvalidMessageContents", "long": "InvalidParameterValue"}
    (message,) = world.messages("q")
    handles = [{"Id": "a", "ReceiptHandle": message["ReceiptHandle"]}, {"Id": "b", "ReceiptHandle": "no"}]
    changed = client.change_message_visibility_batch(
        QueueUrl=url, Entries=[{**handle, "VisibilityTimeout": 5} for handle in handles]
    )
    deleted = client.delete_message_batch(QueueUrl=url, Entries=handles)
    for outcome in (changed, deleted):
        assert [entry["Id"] for entry in outcome["Successful"]] == ["a"]
        assert [entry["Code"] for entry in outcome["Failed"]] == ["ReceiptHandleIsInvalid"]


def test_visibility_of_a_deleted_message_cannot_change(world: World) -> None:
    world.queue("q")
    world.send("q", "x")
    (message,) = world.messages("q")
    url, handle, client = world.url("q"), message["ReceiptHandle"], world.cloud.client("sqs")
    client.delete_message(QueueUrl=url, ReceiptHandle=handle)
    client.delete_message(QueueUrl=url, ReceiptHandle=handle)
    with pytest.raises(ClientError, match="not available for visibility timeout change"):
        client.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=1)


def test_move_task_returns_messages_to_their_sources(world: World) -> None:
    world.queue("dead")
    for name in ("one", "two"):
        world.queue(name, dead_letters="dead", receives=1)
        world.send(name, name)
        for _ in range(2):
            world.cloud.client("sqs").receive_message(QueueUrl=world.url(name), VisibilityTimeout=0)
    client = world.cloud.client("sqs")
    client.start_message_move_task(SourceArn=arn("sqs", "dead"))
    world.cloud.settle()
    assert (world.bodies("one"), world.bodies("two"), world.bodies("dead")) == (["one"], ["two"], [])
    (task,) = client.list_message_move_tasks(SourceArn=arn("sqs", "dead"))["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 2)


def test_cancelled_move_task_leaves_the_rest(world: World) -> None:
    world.queue("dead")
    world.queue("q", dead_letters="dead")
    world.queue("target")
    world.send("dead", *"abc")
    client = world.cloud.client("sqs")
    task = client.start_message_move_task(
        SourceArn=arn("sqs", "dead"), DestinationArn=arn("sqs", "target"), MaxNumberOfMessagesPerSecond=1
    )
    world.cloud.advance(seconds=0.5)
    cancelled = client.cancel_message_move_task(TaskHandle=task["TaskHandle"])
    assert cancelled["ApproximateNumberOfMessagesMoved"] == 1
    world.cloud.settle()
    assert (world.bodies("target"), world.bodies("dead")) == (["a"], ["b", "c"])
    with pytest.raises(ClientError, match="must be configured as a Dead"):
        client.start_message_move_task(SourceArn=arn("sqs", "target"))


def test_backlog_does_not_slow_down_receives(world: World) -> None:
    world.queue("q")
    store = world.cloud.services.queues.store(arn("sqs", "q"))
    queue = world.cloud.engine.sqs.get_queue("q")
    for number in range(20_000):
        world.cloud.services.queues.send(queue, str(number))
    received = [world.cloud.services.queues.receive(queue, 10, 30) for _ in range(2_000)]
    for batch in received:
        for stored in batch:
            world.cloud.services.queues.delete(queue, str(stored.message.receipt_handle))
    assert [stored.message.body for batch in received for stored in batch] == list(map(str, range(20_000)))
    assert len(store) == 0


def test_returned_message_is_received_before_later_ones(world: World) -> None:
    """LocalStack's AWS-validated `test_inflight_message_requeue`, at 23 March 2026."""
    world.queue("q", VisibilityTimeout=3)
    sqs, url = world.cloud.client("sqs"), world.url("q")
    world.send("q", "first")
    sqs.receive_message(QueueUrl=url)
    world.cloud.advance(seconds=1)
    world.send("q", "second")
    world.cloud.advance(seconds=3)
    received = [sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] for _ in range(2)]
    assert received == ["first", "second"]


@pytest.mark.parametrize(
    "name",
    [
        ".x",
        "x.",
        "L" * 257,
        "Invalid-!-attr",
        'Invalid-"-attr',
        "Invalid-§-attr",
        "Invalid-(-attr",
        "Invalid-?-attr",
        "aWs.x",
        "AMAZON.x",
    ],
)
def test_attribute_name_is_rejected(world: World, name: str) -> None:
    """LocalStack's AWS-validated `test_send_message_with_invalid_string_attributes`, at 23 March 2026."""
    world.queue("q")
    sqs, url, value = world.cloud.client("sqs"), world.url("q"), {"DataType": "String", "StringValue": "x"}
    sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes={"attr.1øßä": value})
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes={name: value})


def test_nothing_is_kept_of_deleted_messages(world: World) -> None:
    world.queue("q", VisibilityTimeout=43_200)
    client, url = world.cloud.client("sqs"), world.url("q")
    for number in range(1_000):
        client.send_message(QueueUrl=url, MessageBody=f"{number}")
        (received,) = client.receive_message(QueueUrl=url)["Messages"]
        client.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    store = world.cloud.services.queues.store(arn("sqs", "q"))
    assert max(len(kept) for kept in vars(store).values() if isinstance(kept, Sized)) < 100
    world.send("q", "last")
    assert world.bodies("q") == ["last"]
