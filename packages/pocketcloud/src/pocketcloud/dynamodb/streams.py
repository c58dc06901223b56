"""DynamoDB streams: what is written to a table becomes a record and a hop, once it is certain."""

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
    """Adds records to the shards; those of a write in progress are held until it has succeeded."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: list[_Change] | None = None

    def add(self, shard: StreamShard, old: Item | None, new: Item | None) -> None:
        """Record the change of an item."""
        if self._held is not None:
            self._held.append(_Change(shard, old, new))
            return
        name = change_name(old, new)
        if name is None:
            return
        record = JournaledRecord(shard, name, old, new)
        shard.items.append(record)
        table, event_id = f"table/{shard.table.name}", str(record.record["eventID"])
        self._engine.journal.write(
            Kind.RECORDED, self._engine.actor(), table, record.event, message_id=event_id
        )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Record nothing until the block ends well, and then one change per item: nobody sees a rollback."""
        outer, self._held = self._held, []
        try:
            yield
            changes = _merged(self._held)
        finally:
            self._held = outer
        for change in changes:
            self.add(change.shard, change.old, change.new)


def _merged(changes: list[_Change]) -> list[_Change]:
    """One change per item: moto writes an item that an update creates in two steps."""
    merged: dict[tuple[str, object, object], _Change] = {}
    for change in changes:
        known = merged.setdefault(change.key(), change)
        known.new = change.new
    return list(merged.values())
