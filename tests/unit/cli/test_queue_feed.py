"""A replay's messages stay within the limits of SendMessageBatch: number and bytes."""

import json
from typing import Any

import pytest

from cli.replay.queue_feed import ConsumerQueue, QueueFeed
from functions.shared.runtime.event_batches import MAXIMUM_BATCH_BYTES
from tests.unit.functions.builders import a_document, an_order_created


class Sqs:
    """Accepts everything and records the entries of each request."""

    def __init__(self) -> None:
        self.requests: list[list[dict[str, Any]]] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert QueueUrl == "q"
        self.requests.append(Entries)
        return {"Successful": [], "Failed": []}


def never(seconds: float) -> None:
    raise AssertionError(seconds)


@pytest.mark.parametrize(("filler", "expected"), [(0, [10, 2]), (60_000, [4, 4, 4])])
def test_messages_are_split_by_number_and_bytes(filler: int, expected: list[int]) -> None:
    document = json.dumps(a_document(an_order_created(), filler="x" * filler))
    sqs: Any = Sqs()
    queue = ConsumerQueue(url="q", region="eu-west-1", account="1")
    feed = QueueFeed(sqs=sqs, queue=queue, replay="r", by="ada", sleep=never)
    feed.send([{"event": {"S": document}}] * 12)
    assert [len(request) for request in sqs.requests] == expected
    sent = [entry for request in sqs.requests for entry in request]
    assert len({entry["Id"] for entry in sent}) == len(sent) == 12
    for request in sqs.requests:
        assert sum(len(entry["MessageBody"].encode()) for entry in request) < MAXIMUM_BATCH_BYTES
