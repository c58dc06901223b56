"""The offline cloud rejects requests that AWS rejects for their number or their bytes."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn
from transaction_items import put, rows, write

KIB = 1024


def messages(*bodies: str, **attributes: str) -> list[dict[str, Any]]:
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    return [
        {"Id": str(number), "MessageBody": body, "MessageAttributes": typed}
        for number, body in enumerate(bodies)
    ]


def refusal(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return refused.value.response["Error"]["Code"]


def test_a_message_batch_is_limited_by_bytes(world: World) -> None:
    world.queue("q")
    sqs = world.cloud.client("sqs")
    queue, send = sqs.get_queue_url(QueueName="q")["QueueUrl"], sqs.send_message_batch
    half = "é" * (256 * KIB)  # 512 KiB
    assert len(send(QueueUrl=queue, Entries=messages(half, half))["Successful"]) == 2
    assert refusal(send, QueueUrl=queue, Entries=messages(half, half + "x")).endswith("BatchRequestTooLong")
    with_attribute = messages(half, half, a="b")
    assert refusal(send, QueueUrl=queue, Entries=with_attribute).endswith("BatchRequestTooLong")


def test_a_topic_batch_is_limited_by_bytes(world: World) -> None:
    sns = world.cloud.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    assert topic == arn("sns", "t")
    half = "é" * (64 * KIB)  # 128 KiB
    fits = [{"Id": "1", "Message": half}, {"Id": "2", "Message": half}]
    assert len(sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=fits)["Successful"]) == 2
    over = [*fits, {"Id": "3", "Message": "x"}]
    assert (
        refusal(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=over) == "BatchRequestTooLong"
    )


@pytest.mark.parametrize(("number", "is_taken"), [(25, True), (26, False)])
def test_a_batch_write_takes_25_rows(world: World, number: int, *, is_taken: bool) -> None:
    world.table()
    requests = [{"PutRequest": {"Item": {"pk": {"S": str(n)}}}} for n in range(number)]
    batch_write = world.cloud.client("dynamodb").batch_write_item
    if is_taken:
        batch_write(RequestItems={"log": requests})
    else:
        assert refusal(batch_write, RequestItems={"log": requests}) == "ValidationException"
    assert len(rows(world)) == (number if is_taken else 0)


def test_a_transaction_is_limited_to_four_megabytes(world: World) -> None:
    world.table()
    big = {"S": "x" * (390 * KIB)}
    items = [put(str(n)) for n in range(11)]
    for item in items:
        item["Put"]["Item"]["filler"] = big
    with pytest.raises(ClientError, match="more than 4 MB"):
        write(world, *items)
    assert rows(world) == {}
    write(world, *items[:10])
    last = world.cloud.client("dynamodb").get_item(TableName="log", Key={"pk": {"S": "9"}})
    assert last["Item"]["filler"] == big
