"""A data stream: its shards, and how they split and merge.

https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pocketcloud.kinesis.errors import invalid_argument, invalid_request, not_found
from pocketcloud.kinesis.shard import Shard

KEYS = 2**128
"""Hash keys are MD5 hashes of partition keys."""
ON_DEMAND, PROVISIONED = "ON_DEMAND", "PROVISIONED"
ON_DEMAND_SHARDS = 4
MINIMUM_RETENTION_HOURS, MAXIMUM_RETENTION_HOURS = 24, 8760
DEFAULT_RECORD_KIB, MAXIMUM_RECORD_KIB = 1024, 10_240
_TICK = timedelta(seconds=1)


@dataclass
class Stream:
    """The shards of one stream, open and closed, and its settings."""

    name: str
    arn: str
    account: str
    created_at: datetime
    mode: str = PROVISIONED
    retention_hours: int = MINIMUM_RETENTION_HOURS
    max_record_kib: int = DEFAULT_RECORD_KIB
    key_id: str | None = None
    """The KMS key; None without encryption."""
    tags: dict[str, str] = field(default_factory=dict)
    shards: list[Shard] = field(default_factory=list)

    @property
    def retention(self) -> timedelta:
        """The retention of records."""
        return timedelta(hours=self.retention_hours)

    def start(self, count: int) -> None:
        """Create the first shards, with equal ranges of hash keys."""
        for first, last in even_ranges(count):
            self._add(first, last, self.created_at, ())

    def clear(self) -> None:
        """Delete the records and the history of shards; keep the open ranges."""
        ranges = sorted((shard.first_key, shard.last_key) for shard in self.open_shards())
        self.shards.clear()
        for first, last in ranges:
            self._add(first, last, self.created_at, ())

    def open_shards(self) -> list[Shard]:
        """Return the shards that take records."""
        return [shard for shard in self.shards if shard.is_open]

    def listed(self, now: datetime) -> list[Shard]:
        """Return the shards with records that can still be read, and the open ones."""
        return [shard for shard in self.shards if not shard.is_expired(now, self.retention)]

    def shard(self, shard_id: str) -> Shard:
        """Return a shard by its id."""
        for shard in self.shards:
            if shard.id == shard_id:
                return shard
        raise not_found(
            f"Could not find shard {shard_id} in stream {self.name} under account {self.account}."
        )

    def route(self, partition_key: str, explicit_key: str | None) -> Shard:
        """Return the open shard whose range has the key."""
        hashed = hashlib.md5(partition_key.encode(), usedforsecurity=False).digest()
        key = int(explicit_key) if explicit_key else int.from_bytes(hashed)
        return next(
            shard for shard in self.shards if shard.is_open and shard.first_key <= key <= shard.last_key
        )

    def split(self, shard: Shard, at_key: int, now: datetime) -> None:
        """Close a shard and continue it in two."""
        self._require_open(shard)
        if not shard.first_key + 1 < at_key < shard.last_key:
            raise invalid_argument(
                f"NewStartingHashKey {at_key} used in SplitShard() on shard {shard.id} in stream {self.name}"
                f" under account {self.account} is not both greater than one plus the shard's StartingHashKey"
                f" {shard.first_key} and less than the shard's EndingHashKey {shard.last_key}."
            )
        ranges = ((shard.first_key, at_key - 1), (at_key, shard.last_key))
        self._replace((shard,), ranges, now)

    def merge(self, shard: Shard, adjacent: Shard, now: datetime) -> None:
        """Close two neighbouring shards and continue them in one."""
        self._require_open(shard)
        self._require_open(adjacent)
        low, high = sorted((shard, adjacent), key=lambda each: each.first_key)
        if low.last_key + 1 != high.first_key:
            raise invalid_argument(
                f"Shards {shard.id} and {adjacent.id} in stream {self.name} under account {self.account}"
                " are not an adjacent pair of shards eligible for merging"
            )
        self._replace((shard, adjacent), ((low.first_key, high.last_key),), now)

    def resize(self, count: int, now: datetime) -> None:
        """Split or merge until the stream has this many open shards with equal ranges."""
        wanted = even_ranges(count)
        while (shard := self._uneven(wanted)) is not None:
            inner = next((first for first, _ in wanted if shard.first_key < first <= shard.last_key), None)
            if inner is not None:
                ranges = ((shard.first_key, inner - 1), (inner, shard.last_key))
                self._replace((shard,), ranges, now)
            else:
                self._merge_with_next(shard, now)

    def _uneven(self, wanted: list[tuple[int, int]]) -> Shard | None:
        ordered = sorted(self.open_shards(), key=lambda each: each.first_key)
        return next((each for each in ordered if (each.first_key, each.last_key) not in wanted), None)

    def _merge_with_next(self, shard: Shard, now: datetime) -> None:
        following = next(each for each in self.open_shards() if each.first_key == shard.last_key + 1)
        self._replace((shard, following), ((shard.first_key, following.last_key),), now)

    def _replace(
        self, parents: tuple[Shard, ...], ranges: tuple[tuple[int, int], ...], now: datetime
    ) -> None:
        # A child's sequence numbers start above its parents', also within the same second.
        born = max(now, *(parent.created_at + _TICK for parent in parents))
        ids = tuple(parent.id for parent in parents)
        children = tuple(self._add(first, last, born, ids) for first, last in ranges)
        for parent in parents:
            parent.close(children, now)

    def _add(self, first: int, last: int, created_at: datetime, parents: tuple[str, ...]) -> Shard:
        shard = Shard(len(self.shards), first, last, created_at, parents)
        self.shards.append(shard)
        return shard

    def _require_open(self, shard: Shard) -> None:
        if not shard.is_open:
            raise invalid_argument(
                f"Shard {shard.id} in stream {self.name} under account {self.account} has already been merged"
                " or split, and thus is not eligible for merging or splitting."
            )

    def require_provisioned(self) -> None:
        """Raise the error of an operation on shards that an on-demand stream does not allow."""
        if self.mode == ON_DEMAND:
            raise invalid_request(
                f"Request is invalid. Stream {self.name} under account {self.account} is in On-Demand mode."
            )


def even_ranges(count: int) -> list[tuple[int, int]]:
    """Return equal ranges of hash keys."""
    step = KEYS // count
    return [
        (place * step, KEYS - 1 if place == count - 1 else (place + 1) * step - 1) for place in range(count)
    ]
