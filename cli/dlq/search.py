"""Search dead-letter queues for the messages that match a selection."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cli.dlq.message import DeadLetteredMessage
from cli.dlq.queue_reader import reading
from cli.dlq.queues import CONCURRENT_QUEUES, DeadLetterQueueStatus, count_again

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSelection:
    """The messages that meet all conditions; None is no condition."""

    now: datetime
    message: str | None = None
    """The beginning of the message's id."""
    reason: str | None = None
    fact: str | None = None
    order: str | None = None
    consumer: str | None = None
    older_than: timedelta | None = None

    def matches(self, message: DeadLetteredMessage) -> bool:
        """Return whether the message meets the conditions."""
        conditions = (
            (self.reason, message.reason),
            (self.fact, message.label.type),
            (self.order, message.label.order),
            (self.consumer, message.queue.component),
        )
        return (
            all(wanted in {None, found} for wanted, found in conditions)
            and message.message_id.startswith(self.message or "")
            and (self.older_than is None or self.now - message.sent_at >= self.older_than)
        )

    def __str__(self) -> str:
        conditions = {
            "message": self.message,
            "reason": self.reason,
            "fact": self.fact,
            "order": self.order,
            "consumer": self.consumer,
            "older than": self.older_than,
        }
        return (
            ", ".join(f"{name} {value}" for name, value in conditions.items() if value is not None) or "all"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The messages that a search has found; all of them are still in their queues."""

    messages: Sequence[DeadLetteredMessage]
    cut_short: Sequence[str]
    """Components with more messages than were read."""
    in_flight: Mapping[str, int]
    """Per component, the number of messages that another reader holds."""
    looked_at: int
    """The number of messages read, including those that do not match."""


def search(
    sqs: "SQSClient",
    queues: Iterable[DeadLetterQueueStatus],
    selection: MessageSelection,
    *,
    limit: int,
    show: Callable[[str], None] = lambda _: None,
) -> SearchResult:
    """Read at most `limit` messages of each queue, and return the matching ones."""
    # Skip an empty queue; a request to each of a dozen queues would take too long.
    filled = [queue for queue in queues if not queue.is_empty]
    show(f"Reading the dead-letter queues of {', '.join(queue.component for queue in filled)} …")
    with ThreadPoolExecutor(max_workers=CONCURRENT_QUEUES) as pool:
        results = list(pool.map(lambda queue: _search_queue(sqs, queue, selection, limit), filled))
    return SearchResult(
        messages=[message for result in results for message in result.messages],
        cut_short=[name for result in results for name in result.cut_short],
        in_flight={name: count for result in results for name, count in result.in_flight.items()},
        looked_at=sum(result.looked_at for result in results),
    )


def _search_queue(
    sqs: "SQSClient", queue: DeadLetterQueueStatus, selection: MessageSelection, limit: int
) -> SearchResult:
    messages: list[DeadLetteredMessage] = []
    count = in_flight = 0
    with reading(sqs, queue) as reader:
        for batch in reader.batches(limit):
            count += len(batch)
            messages += filter(selection.matches, batch)
        is_cut_short = count >= limit or reader.is_incomplete
        if not is_cut_short:
            in_flight = _in_flight(sqs, queue, count)
    return SearchResult(
        messages=messages,
        cut_short=[queue.component] if is_cut_short else [],
        in_flight={queue.component: in_flight} if in_flight else {},
        looked_at=count,
    )


def _in_flight(sqs: "SQSClient", queue: DeadLetterQueueStatus, count: int) -> int:
    """Return the number of messages that other readers hold; count again if fewer came than expected."""
    if count >= queue.waiting:
        return max(0, min(queue.in_flight, queue.waiting + queue.in_flight - count))
    now = count_again(sqs, queue)
    return max(0, now.waiting + now.in_flight - count)  # the messages of this reader are in flight, too
