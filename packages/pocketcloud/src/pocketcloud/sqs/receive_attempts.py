"""Repeat the receives of FIFO queues by the id of their attempt.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from moto.sqs.models import Queue

from pocketcloud.sqs.deduplication import RecentIds
from pocketcloud.sqs.message_checks import check_attempt_id
from pocketcloud.sqs.message_store import StoredMessage
from pocketcloud.sqs.queues import Queues


@dataclass(slots=True)
class ReceiveAttempt:
    """The messages of one receive with their receipt handles; `until` ends their visibility timeout (ms)."""

    messages: Sequence[StoredMessage]
    handles: Sequence[str | None]
    until: float

    def is_unchanged(self, queues: Queues, queue: Queue) -> bool:
        """Return whether nobody has deleted, hidden or received a message since."""
        store, now = queues.store(queue.queue_arn), queues.now()
        return self.until > now and all(
            store.get(stored.message.id) is stored
            and stored.message.receipt_handle == handle
            and stored.available_at == self.until
            for stored, handle in zip(self.messages, self.handles, strict=True)
        )


class ReceiveAttempts:
    """The receives of the last five minutes that named an attempt."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues
        self._recent: RecentIds[ReceiveAttempt] = RecentIds()

    def receive(
        self,
        queue: Queue,
        attempt_id: str | None,
        visibility_seconds: int,
        receive: Callable[[], list[StoredMessage]],
    ) -> Sequence[StoredMessage]:
        """Return the messages of an earlier receive with this id, with a new timeout; or receive some."""
        if attempt_id is None:
            return receive()
        check_attempt_id(queue, attempt_id)
        key, now = (str(queue.queue_arn), attempt_id), self._queues.now()
        until = now + visibility_seconds * 1000
        earlier = self._recent.find(key, now)
        if earlier is None or not earlier.is_unchanged(self._queues, queue):
            received = receive()
            handles = [stored.message.receipt_handle for stored in received]
            if received:
                self._recent.remember(key, ReceiveAttempt(received, handles, until), now)
            return received
        for stored in earlier.messages:
            self._queues.store(queue.queue_arn).hide(stored.message.id, until)
        earlier.until = until
        return earlier.messages
