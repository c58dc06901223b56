"""Journal of every event: one hop per step, in order, with a reason for failures."""

import json
from collections import defaultdict
from collections.abc import Sized
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from sys import intern
from typing import Any

from pocketcloud.virtual_time.clock import Clock


class Kind(StrEnum):
    """The result of a hop of an event."""

    RECORDED = "recorded"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    MATCHED = "matched"
    PUBLISHED = "published"
    FILTERED = "filtered"
    ENQUEUED = "enqueued"
    INVOKED = "invoked"
    HANDLED = "handled"
    FAILED = "failed"
    RETRIED = "retried"
    DEAD_LETTERED = "dead-lettered"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class EventRef:
    """Identity of the CloudEvent in a hop."""

    id: str
    type: str
    subject: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of an event; source and destination are `<resource kind>/<name>`, or `client`."""

    at: datetime
    kind: Kind
    source: str
    destination: str
    event: EventRef | None
    message_id: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class MessageDelivery:
    """One message delivered to a function; `handled` becomes true when the mapping deletes it."""

    event: EventRef | None
    queue: str
    function: str
    at: datetime
    receive_count: int
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An event that was dropped or dead-lettered, with the reason."""

    event: EventRef | None
    at: datetime
    where: str
    reason: str
    body: str


class Journal:
    """Records hops, deliveries and undelivered events with the clock's time.

    With a limit, it keeps the latest entries of each: at least that many, and at most twice as many.
    """

    def __init__(self, clock: Clock, limit: int | None = None) -> None:
        self._clock = clock
        self._limit = limit
        self.hops: list[Hop] = []
        self.deliveries: list[MessageDelivery] = []
        self.undelivered: list[Undelivered] = []
        self._by_subject: dict[str, list[Hop]] = defaultdict(list)
        self._indexed = 0

    def append(self, hop: Hop) -> None:
        """Append a hop."""
        self.hops.append(hop)
        if self._is_over(self.hops):
            self._drop_oldest(self.hops)
            self._by_subject.clear()
            self._indexed = 0

    def write(  # noqa: PLR0913 - a hop has that many fields
        self,
        kind: Kind,
        source: str,
        destination: str,
        event: EventRef | None,
        *,
        message_id: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Append a hop that happens now."""
        # Intern the names: a long run has half a million hops between a few dozen resources.
        ends = intern(source), intern(destination)
        self.append(Hop(self._clock.now(), kind, *ends, event, message_id, reason))

    def record_undelivered(self, event: EventRef | None, where: str, reason: str, body: str) -> None:
        """Record an undelivered event."""
        self.undelivered.append(Undelivered(event, self._clock.now(), where, reason, body))
        self._drop_oldest(self.undelivered)

    def record_delivery(self, delivery: MessageDelivery) -> None:
        """Record a message delivered to a function."""
        self.deliveries.append(delivery)
        self._drop_oldest(self.deliveries)

    def of(self, subject: str) -> list[Hop]:
        """Return the hops of all events with this subject, in order."""
        for hop in self.hops[self._indexed :]:
            if hop.event is not None:
                self._by_subject[hop.event.subject].append(hop)
        self._indexed = len(self.hops)
        return list(self._by_subject.get(subject, ()))

    def of_event(self, event_id: str) -> list[Hop]:
        """Return the hops of one event, in order."""
        return [hop for hop in self.hops if hop.event is not None and hop.event.id == event_id]

    def clear(self) -> None:
        """Delete all entries."""
        for kept in (self.hops, self.deliveries, self.undelivered):
            kept.clear()
        self._by_subject.clear()
        self._indexed = 0

    def _is_over(self, entries: Sized) -> bool:
        return self._limit is not None and len(entries) > 2 * self._limit

    def _drop_oldest(self, entries: list[Any]) -> None:
        # Half of them at once: deleting one at a time from the front of a list moves all others.
        if self._is_over(entries):
            del entries[: self._limit]


@lru_cache(1_000)
def _reference(identifier: str, kind: str, subject: str) -> EventRef:
    """Return one object for the same event: it is parsed a dozen times on its way."""
    return EventRef(identifier, intern(kind), subject)


def event_in(document: Any) -> EventRef | None:
    """Return the CloudEvent in a document, in its `detail`, or in the text of its SNS `Message`."""
    if not isinstance(document, dict):
        return None
    if "specversion" in document:
        parts = [document.get(name) for name in ("id", "type", "subject")]
        return _reference(*(part if isinstance(part, str) else "" for part in parts))
    if "detail" in document:
        return event_in(document["detail"])
    return event_in_text(document["Message"]) if "Message" in document else None


def event_in_text(text: object) -> EventRef | None:
    """Return the CloudEvent in a JSON text; None if the text is not JSON or contains no event."""
    try:
        return event_in(json.loads(text)) if isinstance(text, str) else None
    except ValueError:
        return None
