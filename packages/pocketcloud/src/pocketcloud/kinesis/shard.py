"""A shard: the records of one range of hash keys, in order."""

import bisect
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pocketcloud.kinesis.rate_limit import ReadRate, WriteRate
from pocketcloud.kinesis.record import KinesisRecord
from pocketcloud.kinesis.sequence_number import ending_sequence_number, sequence_number


@dataclass(eq=False)
class Shard:
    """Records in the order of their arrival; a closed shard takes no more of them."""

    index: int
    first_key: int
    last_key: int
    created_at: datetime
    parents: tuple[str, ...] = ()
    """The shard that it was split from, or the two that were merged into it."""
    items: list[KinesisRecord] = field(default_factory=list)
    starting_sequence_number: int = 0
    """The place of the first item: a mapping deletes those that it processed long ago."""
    closed_at: datetime | None = None
    children: tuple["Shard", ...] = ()
    writes: WriteRate = field(default_factory=WriteRate)
    reads: ReadRate = field(default_factory=ReadRate)

    @property
    def id(self) -> str:
        """The shard's id."""
        return f"shardId-{self.index:012d}"

    @property
    def is_open(self) -> bool:
        """Whether the shard takes records."""
        return self.closed_at is None

    @property
    def end(self) -> int:
        """The place behind the last record."""
        return self.starting_sequence_number + len(self.items)

    def append(self, partition_key: str, data: bytes, now: datetime, encryption: str | None) -> KinesisRecord:
        """Append a record."""
        sequence = sequence_number(self.created_at, self.index, self.end + 1, now)
        record = KinesisRecord(self.id, self.end, sequence, partition_key, data, now, encryption)
        self.items.append(record)
        return record

    def close(self, children: tuple["Shard", ...], now: datetime) -> None:
        """End the shard; its records stay."""
        self.closed_at, self.children = now, children

    def horizon(self, oldest: datetime) -> int:
        """Return the place of the first record that is not older."""
        return self.place_at(oldest)

    def place_at(self, when: datetime) -> int:
        """Return the place of the first record that arrived then or later."""
        found = bisect.bisect_left(self.items, when, key=lambda record: record.written_at)
        return self.starting_sequence_number + found

    def place_of(self, sequence: str) -> int:
        """Return the place of the first record with this sequence number or a higher one."""
        found = bisect.bisect_left(self.items, int(sequence), key=lambda record: int(record.sequence))
        return self.starting_sequence_number + found

    def records_from(self, place: int) -> list[KinesisRecord]:
        """Return all records from a place on."""
        return self.items[max(0, place - self.starting_sequence_number) :]

    def is_expired(self, now: datetime, retention: timedelta) -> bool:
        """Return whether the shard is closed and all its records are too old to be read."""
        return self.closed_at is not None and now - self.closed_at > retention

    def starting_number(self) -> str:
        """Return the sequence number below those of all records."""
        return sequence_number(self.created_at, self.index, 0, self.created_at)

    def describe(self) -> dict[str, Any]:
        """Return the shard as ListShards does."""
        numbers = {"StartingSequenceNumber": self.starting_number()}
        if self.closed_at is not None:
            numbers["EndingSequenceNumber"] = ending_sequence_number(
                self.created_at, self.index, self.closed_at
            )
        names = ("ParentShardId", "AdjacentParentShardId")
        return {
            "ShardId": self.id,
            **dict(zip(names, self.parents, strict=False)),
            "HashKeyRange": self.key_range(),
            "SequenceNumberRange": numbers,
        }

    def as_child(self) -> dict[str, Any]:
        """Return the shard as GetRecords names it at the end of its parent."""
        return {"ShardId": self.id, "ParentShards": [*self.parents], "HashKeyRange": self.key_range()}

    def key_range(self) -> dict[str, str]:
        """Return the range of hash keys."""
        return {"StartingHashKey": str(self.first_key), "EndingHashKey": str(self.last_key)}
