"""The deduplication interval of FIFO queues and topics: five minutes from the first message.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
"""

import hashlib
from typing import Generic, TypeVar

INTERVAL_MS = 5 * 60 * 1000
Sent = TypeVar("Sent")
Key = tuple[str, str]
"""The message group, or nothing where the scope is the whole queue, and the deduplication id."""


class RecentIds(Generic[Sent]):
    """The message of each deduplication id within the interval."""

    def __init__(self) -> None:
        self._sent: dict[Key, tuple[float, Sent]] = {}

    def find(self, key: Key, now: float) -> Sent | None:
        """Return what was sent first for this id, if that was within the interval before `now` (ms)."""
        self._forget(now)
        found = self._sent.get(key)
        return None if found is None else found[1]

    def remember(self, key: Key, sent: Sent, now: float) -> None:
        """Start the interval of this id."""
        self._sent[key] = (now, sent)

    def clear(self) -> None:
        """Forget all ids."""
        self._sent.clear()

    def _forget(self, now: float) -> None:
        # Ids are in order of time, so the first that is recent ends the search.
        while self._sent:
            key = next(iter(self._sent))
            if self._sent[key][0] > now - INTERVAL_MS:
                return
            del self._sent[key]


def content_id(body: str) -> str:
    """Return the deduplication id of content-based deduplication."""
    return hashlib.sha256(body.encode()).hexdigest()
