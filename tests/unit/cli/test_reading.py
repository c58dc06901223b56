"""A look at a dead-letter queue ends, however slow the way to it."""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from cli.dlq.queue_reader import reading
from cli.dlq.queues import Hop, Kind, LetterBox
from cli.dlq.search import look
from cli.dlq.selection import Selection

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BOX = LetterBox(hop=Hop(name="views", kind=Kind.CONSUMER), url="url", arn="arn:aws:sqs:r:a:q", waiting=1)
FAR_TOO_OFTEN = 1000
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


class SlowQueue:
    """So far away that what was handed out is visible again by the time of the next request but `late`."""

    def __init__(self, letters: int, *, late: int) -> None:
        self._visible = deque(range(letters))
        self._hidden: deque[list[int]] = deque([[] for _ in range(late)])
        self.requests = 0

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.requests += 1
        assert self.requests < FAR_TOO_OFTEN
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
        "Body": "what is this?",
        "Attributes": {"SentTimestamp": "0"},
    }


def met(queue: SlowQueue, *, limit: int) -> Sequence[str]:
    with reading(cast("SQSClient", queue), BOX) as opened:
        return [letter.message_id for batch in opened.batches(limit) for letter in batch]


@pytest.mark.parametrize(("letters", "late"), [(1, 1), (40, 2), (95, 3), (200, 19)])
def test_it_meets_each_once_and_ends_though_they_come_back_meanwhile(letters: int, late: int) -> None:
    queue = SlowQueue(letters, late=late)
    assert sorted(met(queue, limit=1000)) == sorted(f"m{number}" for number in range(letters))
    found = look(cast("SQSClient", SlowQueue(letters, late=late)), [BOX], Selection(now=NOW), limit=1000)
    assert (found.looked_at, found.cut_short) == (letters, ["views"])


def test_a_look_that_is_quick_enough_sees_the_end() -> None:
    queue = SlowQueue(40, late=9)
    found = look(cast("SQSClient", queue), [BOX], Selection(now=NOW), limit=1000)
    assert (found.looked_at, found.cut_short, queue.requests) == (40, [], 5)
