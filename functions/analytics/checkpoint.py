"""The position up to which a shard was counted, with the latest event ids: nothing is counted twice.

Lambda may send a batch again, whole or cut differently, and the producer may put an event twice. A record up
to the checkpoint was counted in the transaction that wrote it; an event among the latest ids, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from functions.analytics.figures import RESTATED, Figures, figures_of, minute_of
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact

RECENT_IDS = 512
"""The producer repeats at most a batch of 100 records; 4 KiB keep five batches of them."""
ID_BYTES = 8
ALLOWED_LATENESS = timedelta(minutes=10)
"""An event that is older than the newest one by more than this restates its minute."""
MAXIMUM_MINUTES = 90
"""DynamoDB's transactions have at most a hundred items; one is the checkpoint."""
MAXIMUM_FIGURES = 200
"""Maximum figures of one minute in a transaction: an update expression has at most 4 KB."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class CountedEvent(msgspec.Struct, frozen=True):
    """A record of the stream; without an event if it could not be read."""

    sequence: int
    event: Event[Fact] | None
    created_at: datetime | None = None
    """When a shipped order was created."""


class Checkpoint(msgspec.Struct, frozen=True):
    """The place up to which a shard was counted."""

    sequence: int = -1
    recent: bytes = b""
    """The beginnings of the ids of the latest events, oldest first."""
    newest: datetime = _BEGINNING
    """The time of the newest event of the shard."""

    def knows(self, event_id: str) -> bool:
        """Return whether the event is one of the latest."""
        wanted = short_id(event_id)
        places = range(0, len(self.recent), ID_BYTES)
        return any(self.recent[place : place + ID_BYTES] == wanted for place in places)


class CountedBatch(msgspec.Struct, frozen=True):
    """The writes of one transaction: the new checkpoint, and figures to add to minutes."""

    checkpoint: Checkpoint
    minutes: Mapping[str, Figures]


def short_id(event_id: str) -> bytes:
    """Return the first 64 bits of an event's id, a hash itself."""
    return bytes.fromhex(event_id.replace("-", ""))[:ID_BYTES]


def first_checkpoint(parents: Sequence[Checkpoint]) -> Checkpoint:
    """Return the start of a new shard: the producer may repeat an event of its parents in it."""
    return Checkpoint(
        recent=b"".join(each.recent for each in parents),
        newest=max((each.newest for each in parents), default=Checkpoint().newest),
    )


def additions(
    records: Sequence[CountedEvent], before: Checkpoint, *, since: str = ""
) -> Iterator[CountedBatch]:
    """Yield the transactions that count those records which the checkpoint has not counted, in order.

    Minutes before `since` get no figures.
    """
    checkpoint, minutes = before, dict[str, Figures]()
    for record in records:
        if record.sequence <= checkpoint.sequence:
            continue
        if _is_full(minutes):
            yield CountedBatch(checkpoint, minutes)
            minutes = {}
        checkpoint = _count(record, checkpoint, minutes, since)
    if checkpoint != before:
        yield CountedBatch(checkpoint, minutes)


def _count(
    record: CountedEvent, checkpoint: Checkpoint, minutes: dict[str, Figures], since: str
) -> Checkpoint:
    """Add a record's figures unless its event is known; return the checkpoint behind it."""
    event = record.event
    if event is None or checkpoint.knows(event.id):
        return msgspec.structs.replace(checkpoint, sequence=record.sequence)
    figures = figures_of(event, record.created_at)
    if event.time < checkpoint.newest - ALLOWED_LATENESS:
        figures[RESTATED] += 1
    if (minute := minute_of(event.time)) >= since:
        minutes.setdefault(minute, Figures()).update(figures)
    recent = (checkpoint.recent + short_id(event.id))[-RECENT_IDS * ID_BYTES :]
    return Checkpoint(record.sequence, recent, max(checkpoint.newest, event.time))


def _is_full(minutes: Mapping[str, Figures]) -> bool:
    largest = max(map(len, minutes.values()), default=0)
    return len(minutes) >= MAXIMUM_MINUTES or largest >= MAXIMUM_FIGURES // 2
