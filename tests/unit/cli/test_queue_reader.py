"""Reading a dead-letter queue ends, however slow the connection."""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from cli.dlq.queue_reader import reading
from cli.dlq.queues import ComponentKind, DeadLetterQueueStatus
from cli.dlq.search import MessageSelection, search

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

QUEUE = DeadLetterQueueStatus(
    component="views", kind=ComponentKind.CONSUMER, url="url", arn="arn:aws:sqs:r:a:q", waiting=1
)
TOO_MANY_REQUESTS = 1000
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


class SlowQueue:
    """Messages become visible again `late` requests after they were received."""

    def __init__(self, messages: int, *, late: int) -> None:
        self._visible = deque(range(messages))
        self._hidden: deque[list[int]] = deque([[] for _ in range(late)])
        self.requests = 0

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.requests += 1
        assert self.requests < TOO_MANY_REQUESTS
        self._visible.extend(self._hidden.popleft())
        several = min(asked["MaxNumberOfMessages"], len(self._visible))
        out = [self._visible.popleft() for _ in range(several)]
        self._hidden.append(out)
        return {"Messages": [a_message(number) for number in out]}

    def change_message_visibility_batch(self, **_: Any) -> dict[str, Any]:
        return {}


def a_message(number: int) -> dict[str, Any]:
    return {
        "MessageId": f"m{number}",
        "ReceiptHandle": "handle",
        "Body": "not an event",
        "Attributes": {"SentTimestamp": "0"},
    }


def read(queue: SlowQueue, *, limit: int) -> Sequence[str]:
    with reading(cast("SQSClient", queue), QUEUE) as reader:
        return [message.message_id for batch in reader.batches(limit) for message in batch]


@pytest.mark.parametrize(("messages", "late"), [(1, 1), (40, 2), (95, 3), (200, 19)])
def test_reader_yields_each_once_when_messages_become_visible_again(messages: int, late: int) -> None:
    queue = SlowQueue(messages, late=late)
    assert sorted(read(queue, limit=1000)) == sorted(f"m{number}" for number in range(messages))
    found = search(
        cast("SQSClient", SlowQueue(messages, late=late)), [QUEUE], MessageSelection(now=NOW), limit=1000
    )
    assert (found.looked_at, found.cut_short) == (messages, ["views"])


def test_search_reads_to_the_end_when_fast_enough() -> None:
    queue = SlowQueue(40, late=9)
    found = search(cast("SQSClient", queue), [QUEUE], MessageSelection(now=NOW), limit=1000)
    assert (found.looked_at, found.cut_short, queue.requests) == (40, [], 5)
