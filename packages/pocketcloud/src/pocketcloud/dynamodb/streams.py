"""DynamoDB streams: add a record and a hop for every committed write to a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamShard

from pocketcloud.core.engine import Engine
from pocketcloud.core.journal import Kind
from pocketcloud.dynamodb.stream_record import JournaledRecord, change_name


@dataclass(slots=True)
class _Change:
    shard: StreamShard
    old: Item | None
    new: Item | None

    def key(self) -> tuple[str, object, object]:
        item = self.new or self.old
        return self.shard.table.name, getattr(item, "hash_key", None), getattr(item, "range_key", None)


class Streams:
    """Adds records to shards, after the write has succeeded."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._deferred: list[_Change] | None = None

    def add(self, shard: StreamShard, old: Item | None, new: Item | None) -> None:
        """Record a change of an item."""
        if self._deferred is not None:
            self._deferred.append(_Change(shard, old, new))
            return
        name = change_name(old, new)
        if name is None:
            return
        record = JournaledRecord(shard, name, old, new)
        shard.items.append(record)
        table = f"table/{shard.table.name}"
        self._engine.journal.write(
            Kind.RECORDED, self._engine.actor(), table, record.event, message_id=record.id
        )

    @contextmanager
    def defer(self) -> Iterator[None]:
        """Defer all records to the end of the block, merged per item; drop them if it raises."""
        outer, self._deferred = self._deferred, []
        try:
            yield
            changes = _merged(self._deferred)
        finally:
            self._deferred = outer
        for change in changes:
            self.add(change.shard, change.old, change.new)


def _merged(changes: list[_Change]) -> list[_Change]:
    """Merge changes per item: moto creates an item in an update in two steps."""
    merged: dict[tuple[str, object, object], _Change] = {}
    for change in changes:
        known = merged.setdefault(change.key(), change)
        known.new = change.new
    return list(merged.values())
