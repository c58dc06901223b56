"""The messages of one queue, indexed by id and by the time they become visible.

moto scans a list several times per request: 233 ms for ten receives with a backlog of 600.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from moto.sqs.models import Message

from pocketcloud.core.journal import EventRef

_Entry = tuple[float, int, str]
"""When a message becomes visible or was sent, its number in order of arrival, and its id."""
_SPARE_ENTRIES = 64
"""Entries of deleted messages that are kept in any case: dropping them takes a walk through all."""


@dataclass(slots=True)
class StoredMessage:
    """A message with its event, and when it was sent and becomes visible (epoch milliseconds)."""

    message: Message
    event: EventRef | None
    sent_at: float
    available_at: float
    order: int


class MessageStore:
    """Messages of one queue; of the visible ones, the first to arrive is received first."""

    def __init__(self) -> None:
        self._stored: dict[str, StoredMessage] = {}
        self._by_availability: list[_Entry] = []
        self._waiting: list[_Entry] = []
        """Messages by the time they become visible, until a receive finds them visible."""
        self._visible: list[tuple[int, str]] = []
        """Visible messages in order of arrival, and some that no longer are."""
        self._by_age: list[_Entry] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._stored)

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._stored

    def add(self, message: Message, event: EventRef | None, *, sent_at: float, available_at: float) -> None:
        """Add a message that becomes visible at `available_at`."""
        self._count += 1
        stored = StoredMessage(message, event, sent_at, available_at, self._count)
        self._stored[message.id] = stored
        self._plan(stored)
        heapq.heappush(self._by_age, (sent_at, stored.order, message.id))

    def get(self, message_id: str) -> StoredMessage | None:
        """Return the message with this id, visible or not."""
        return self._stored.get(message_id)

    def all(self) -> list[StoredMessage]:
        """Return all messages in order of arrival."""
        return list(self._stored.values())

    def next_available(self) -> float | None:
        """Return when the next message becomes visible; None if the queue is empty."""
        while self._by_availability:
            if self._is_current(self._by_availability[0]):
                return self._by_availability[0][0]
            heapq.heappop(self._by_availability)
        return None

    def candidates(self, now: float) -> Iterator[StoredMessage]:
        """Yield the next visible message; the caller hides or removes it before asking for another."""
        while self._waiting and self._waiting[0][0] <= now:
            _, order, message_id = heapq.heappop(self._waiting)
            heapq.heappush(self._visible, (order, message_id))
        while self._visible:
            order, message_id = self._visible[0]
            stored = self._stored.get(message_id)
            if stored is None or stored.order != order or stored.available_at > now:
                heapq.heappop(self._visible)
            else:
                yield stored

    def count_available(self, now: float, enough: int) -> int:
        """Count the visible messages, up to `enough`."""
        count = 0
        for stored in self._stored.values():
            count += stored.available_at <= now
            if count >= enough:
                break
        return count

    def hide(self, message_id: str, until: float) -> None:
        """Make the message invisible until `until`."""
        stored = self._stored[message_id]
        stored.available_at = until
        self._plan(stored)

    def remove(self, message_id: str) -> StoredMessage | None:
        """Delete the message."""
        removed = self._stored.pop(message_id, None)
        while self._by_age and self._by_age[0][2] not in self._stored:
            heapq.heappop(self._by_age)
        return removed

    def remove_sent_before(self, time: float) -> list[StoredMessage]:
        """Remove and return the messages sent before `time`."""
        removed = []
        while self._by_age and self._by_age[0][0] < time:
            _, order, message_id = heapq.heappop(self._by_age)
            stored = self._stored.get(message_id)
            if stored is not None and stored.order == order:
                removed.append(self._stored.pop(message_id))
        return removed

    def clear(self) -> None:
        """Empty the queue."""
        self._stored.clear()
        self._by_availability.clear()
        self._waiting.clear()
        self._visible.clear()
        self._by_age.clear()

    def _plan(self, stored: StoredMessage) -> None:
        entry = stored.available_at, stored.order, stored.message.id
        for heap in (self._by_availability, self._waiting):
            # A deleted message leaves its entry until the end of its visibility timeout.
            if len(heap) > 2 * len(self._stored) + _SPARE_ENTRIES:
                heap[:] = filter(self._is_current, heap)
                heapq.heapify(heap)
            heapq.heappush(heap, entry)

    def _is_current(self, entry: _Entry) -> bool:
        available_at, order, message_id = entry
        stored = self._stored.get(message_id)
        return stored is not None and stored.available_at == available_at and stored.order == order
