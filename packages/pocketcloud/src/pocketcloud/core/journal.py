"""What happened to every event: one hop per step, in order, with a reason where the step was a bad one."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from sys import intern
from typing import Any

from pocketcloud.virtual_time.clock import Clock


class Kind(StrEnum):
    """What a hop did with the event."""

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
    """Which CloudEvent a hop carried."""

    id: str
    type: str
    subject: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of an event; ends are named `<kind of resource>/<name>`, or `client`."""

    at: datetime
    kind: Kind
    source: str
    destination: str
    event: EventRef | None
    message_id: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class Delivery:
    """One message handed to a function; `handled` becomes true when the mapping deletes it."""

    event: EventRef | None
    queue: str
    function: str
    at: datetime
    receive_count: int
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An event that reached nobody, or a dead-letter queue, and why."""

    event: EventRef | None
    at: datetime
    where: str
    reason: str
    body: str


class Journal:
    """Keeps the hops, the deliveries and what was not delivered, stamped with the clock's time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.hops: list[Hop] = []
        self.deliveries: list[Delivery] = []
        self.undelivered: list[Undelivered] = []
        self._by_subject: dict[str, list[Hop]] = defaultdict(list)
        self._indexed = 0

    def append(self, hop: Hop) -> None:
        """Keep this hop after all others."""
        self.hops.append(hop)

    def write(  # noqa: PLR0913 - a hop has that many parts, and all but the first three go by name
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
        # There are some dozens of resources and, in a long run, half a million hops.
        ends = intern(source), intern(destination)
        self.append(Hop(self._clock.now(), kind, *ends, event, message_id, reason))

    def lose(self, event: EventRef | None, where: str, reason: str, body: str) -> None:
        """Note that this event reached nobody."""
        self.undelivered.append(Undelivered(event, self._clock.now(), where, reason, body))

    def of(self, subject: str) -> list[Hop]:
        """The hops of all events about this subject, in order."""
        for hop in self.hops[self._indexed :]:
            if hop.event is not None:
                self._by_subject[hop.event.subject].append(hop)
        self._indexed = len(self.hops)
        return list(self._by_subject.get(subject, ()))

    def of_event(self, event_id: str) -> list[Hop]:
        """The hops of one event, in order."""
        return [hop for hop in self.hops if hop.event is not None and hop.event.id == event_id]

    def clear(self) -> None:
        """Begin an empty journal."""
        for kept in (self.hops, self.deliveries, self.undelivered):
            kept.clear()
        self._by_subject.clear()
        self._indexed = 0


def event_in(document: Any) -> EventRef | None:  # noqa: ANN401 - any JSON value may stand here
    """The CloudEvent that this is, or that stands in its `detail` or, as text, in an SNS `Message`."""
    if not isinstance(document, dict):
        return None
    if "specversion" in document:
        parts = [document.get(name) for name in ("id", "type", "subject")]
        return EventRef(*(part if isinstance(part, str) else "" for part in parts))
    if "detail" in document:
        return event_in(document["detail"])
    return event_in_text(document["Message"]) if "Message" in document else None


def event_in_text(text: object) -> EventRef | None:
    """The CloudEvent in this JSON text; None if the text is not JSON or carries none."""
    try:
        return event_in(json.loads(text)) if isinstance(text, str) else None
    except ValueError:
        return None
