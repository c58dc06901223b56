"""A consumer of the stream that builds a view, with checkpoints of its own: it continues after a crash."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.stream.shard_reader import ShardReader, StartPosition, StreamedEvent
from functions.analytics.checkpoint import Checkpoint, CountedEvent, additions, first_checkpoint
from functions.analytics.items import Items, Replay, replay_items
from functions.analytics.store import CountedElsewhereError, FigureTable
from functions.analytics.views import REPLAY, checkpoint_scope
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.codec import Rejected, read
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact

RECORDS_PER_TRANSACTION = 100
"""DynamoDB's BatchGetItem finds the creation of a hundred orders."""
MARGIN = timedelta(minutes=5)
"""An event's time precedes its arrival on the stream, and clocks differ."""


@dataclass(kw_only=True)
class ViewBuilder:
    """Counts each shard up to the live function's checkpoint."""

    kinesis: Any
    stream: str
    table: FigureTable
    view: str
    since: str
    """The first minute of the view; empty for all."""
    sleep: Callable[[float], None]
    records: int = 0

    @property
    def replay(self) -> Replay:
        """The view, and its first minute."""
        return Replay(self.view, self.since)

    def begin(self) -> None:
        """Record the first minute; raise CommandError if the view was begun at another one."""
        row = {"scope": {"S": REPLAY}, "position": {"S": self.view}, "since": {"S": self.since}}
        found = self.table.dynamodb.get_item(
            TableName=self.table.table,
            Key={name: row[name] for name in ("scope", "position")},
            ConsistentRead=True,
        ).get("Item")
        if found and "shown" in found:
            raise CommandError(
                f"View {self.view} was shown before.",
                hint="Use another name, or delete it first: `orderbus stream delete-view`.",
                code=ExitCode.USAGE,
            )
        if found and found["since"]["S"] != self.since:
            raise CommandError(
                f"View {self.view} was begun with the first minute {found['since']['S'] or 'of the stream'}.",
                hint="Give the same --from, or delete it first: `orderbus stream delete-view`.",
                code=ExitCode.USAGE,
            )
        if not found:
            self.table.dynamodb.put_item(TableName=self.table.table, Item=row)

    def catch_up(self) -> dict[str, Checkpoint]:
        """Count what the live function has counted; return its checkpoints.

        Raise CommandError if another replay has counted in the view, or has shown it.
        """
        if self.view in self.table.views().starts.values():
            raise self._interrupted()
        reader = ShardReader(kinesis=self.kinesis, stream=self.stream, sleep=self.sleep)
        shards = {shard["ShardId"]: shard for shard in reader.shards()}
        reached: dict[str, Checkpoint] = {}
        for name, shard in shards.items():
            if (live := self.table.checkpoint(name)) is not None:
                self._count(shard, live)
                reached[name] = live
        return reached

    def _count(self, shard: dict[str, Any], live: Checkpoint) -> None:
        name, scope = shard["ShardId"], checkpoint_scope(self.view)
        before = self.table.checkpoint(name, scope)
        if before is not None and before.sequence >= live.sequence:
            return
        start = before or self._of_parents(shard, scope)
        for batch in _batches(self._records(name, before, live)):
            for addition in additions(self._counted(batch), start, since=self.since):
                self._transact(replay_items(self.table.table, name, before, addition, self.replay))
                before = start = addition.checkpoint
            self.records += len(batch)

    def _transact(self, items: Items) -> None:
        try:
            self.table.transact(items)
        except CountedElsewhereError as error:
            raise self._interrupted() from error

    def _interrupted(self) -> CommandError:
        return CommandError(
            f"Another replay has counted in view {self.view}, or has shown it.",
            hint="Run one at a time; if the view is not shown, run this one again: it continues.",
            code=ExitCode.INCOMPLETE,
        )

    def _of_parents(self, shard: dict[str, Any], scope: str) -> Checkpoint:
        named = (shard.get(key) for key in ("ParentShardId", "AdjacentParentShardId"))
        found = [self.table.checkpoint(name, scope) for name in named if name]
        return first_checkpoint([each for each in found if each is not None])

    def _records(self, shard: str, before: Checkpoint | None, live: Checkpoint) -> Iterator[StreamedEvent]:
        """Yield the records behind a checkpoint, up to the live one."""
        reader = ShardReader(kinesis=self.kinesis, stream=self.stream, sleep=self.sleep)
        for record in reader.read_shard(shard, self._position(before)):
            if int(record.sequence) > live.sequence:
                return
            yield record

    def _position(self, before: Checkpoint | None) -> StartPosition:
        if before is not None:
            return StartPosition(after=str(before.sequence))
        if not self.since:
            return StartPosition()
        return StartPosition(time=datetime.fromisoformat(self.since).replace(tzinfo=UTC) - MARGIN)

    def _counted(self, records: tuple[StreamedEvent, ...]) -> list[CountedEvent]:
        events = [(int(record.sequence), _event(record.data)) for record in records]
        shipped = [each.subject for _, each in events if each and isinstance(each.fact, ShipmentScheduled)]
        created = self.table.creation_times(shipped)
        return [
            CountedEvent(place, each, created.get(each.subject) if each else None) for place, each in events
        ]


def _batches(records: Iterator[StreamedEvent]) -> Iterator[tuple[StreamedEvent, ...]]:
    while batch := tuple(islice(records, RECORDS_PER_TRANSACTION)):
        yield batch


def _event(data: bytes) -> Event[Fact] | None:
    try:
        return read(data)
    except (Rejected, msgspec.DecodeError):
        return None
