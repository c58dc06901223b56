"""The messages of one FIFO queue, in order within each message group.

A message can be received once no earlier message of its group is invisible.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
"""

from collections.abc import Iterator

from moto.sqs.models import Message, Queue

from pocketcloud.core.journal import EventRef
from pocketcloud.sqs.deduplication import RecentIds
from pocketcloud.sqs.message_store import StoredMessage

_PROPAGATION_MS = 60_000


class FifoStore:
    """Messages by group, each group in order of arrival."""

    def __init__(self) -> None:
        self._stored: dict[str, StoredMessage] = {}
        self._groups: dict[str, dict[str, StoredMessage]] = {}
        self._count = 0
        self._scope: str | None = None
        self.recent: RecentIds[Message] = RecentIds()
        """Messages sent in the last five minutes, by deduplication id."""

    def __len__(self) -> int:
        return len(self._stored)

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._stored

    def add(self, message: Message, event: EventRef | None, *, sent_at: float, available_at: float) -> None:
        """Append a message to its group."""
        self._count += 1
        stored = StoredMessage(message, event, sent_at, available_at, self._count)
        self._stored[message.id] = stored
        self._groups.setdefault(str(message.group_id), {})[message.id] = stored

    def get(self, message_id: str) -> StoredMessage | None:
        """Return the message with this id, visible or not."""
        return self._stored.get(message_id)

    def all(self) -> list[StoredMessage]:
        """Return all messages in order of arrival."""
        return list(self._stored.values())

    def next_available(self) -> float | None:
        """Return when the first message of a group becomes visible; None if the queue is empty."""
        return min((head.available_at for head in self._heads()), default=None)

    def candidates(self, now: float) -> Iterator[StoredMessage]:
        """Yield the messages that can be received together: group by group, until an invisible one."""
        for head in sorted(self._heads(), key=lambda head: (head.available_at, head.order)):
            for stored in list(self._groups[str(head.message.group_id)].values()):
                if stored.available_at > now:
                    break
                yield stored

    def count_available(self, now: float, enough: int) -> int:
        """Count the messages that can be received, up to `enough`."""
        count = 0
        for _ in self.candidates(now):
            count += 1
            if count >= enough:
                break
        return count

    def hide(self, message_id: str, until: float) -> None:
        """Make the message invisible until `until`."""
        self._stored[message_id].available_at = until

    def remove(self, message_id: str) -> StoredMessage | None:
        """Delete the message."""
        stored = self._stored.pop(message_id, None)
        if stored is not None:
            name = str(stored.message.group_id)
            del self._groups[name][message_id]
            if not self._groups[name]:
                del self._groups[name]
        return stored

    def remove_sent_before(self, time: float) -> list[StoredMessage]:
        """Remove and return the messages sent before `time`."""
        expired = [stored for stored in self._stored.values() if stored.sent_at < time]
        for stored in expired:
            self.remove(stored.message.id)
        return expired

    def clear(self) -> None:
        """Empty the queue and forget its deduplication ids."""
        self._stored.clear()
        self._groups.clear()
        self.recent.clear()

    def scope(self, queue: Queue, now: float) -> str:
        """Return the deduplication scope in force; a change takes a minute to have effect.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
        """
        changed_at: float = queue.last_modified_timestamp * 1000
        if self._scope is None or now - changed_at >= _PROPAGATION_MS:
            self._scope = str(vars(queue)["deduplication_scope"])
        return self._scope

    def _heads(self) -> Iterator[StoredMessage]:
        return (next(iter(group.values())) for group in self._groups.values())
