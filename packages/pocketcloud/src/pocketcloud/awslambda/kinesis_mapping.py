"""Read a Kinesis stream for a function or a pipe: all its shards, and parents before children.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Protocol

from pocketcloud.awslambda.parts import first_due, result_of
from pocketcloud.awslambda.shard_poller import ShardPoller
from pocketcloud.core.engine import Engine
from pocketcloud.kinesis.read import read_time
from pocketcloud.kinesis.shard import Shard
from pocketcloud.kinesis.stream import Stream
from pocketcloud.kinesis.streams import DataStreams

MakePoller = Callable[[Stream, Shard, int], ShardPoller]
"""Makes the poller of a shard that starts at a place."""


class StreamPlace(Protocol):
    """The place from which a mapping or a pipe reads a stream."""

    @property
    def event_source_arn(self) -> str:
        """The stream."""

    @property
    def starting_position(self) -> str | None:
        """LATEST, TRIM_HORIZON or AT_TIMESTAMP."""

    @property
    def starting_position_timestamp(self) -> Any:
        """The time to start from."""


class KinesisPoller:
    """One poller per shard; it starts when the pollers of the parent shards have read everything."""

    def __init__(
        self, engine: Engine, make_poller: MakePoller, mapping: StreamPlace, streams: DataStreams
    ) -> None:
        self._make_poller = make_poller
        self._mapping = mapping
        self._streams = streams
        self._pollers: dict[str, ShardPoller] = {}
        self.label = f"stream/{mapping.event_source_arn.rpartition('/')[2]}"
        stream = streams.find(mapping.event_source_arn)
        for shard in stream.listed(engine.clock.now()) if stream else ():
            self._add(shard, start=self._start(shard))

    @property
    def last_result(self) -> str | None:
        """Lambda's `LastProcessingResult` of the shard that was processed last."""
        return result_of(self._pollers.values())

    def next_due(self) -> datetime | None:
        """Return when the function is next invoked for any shard."""
        first = first_due(self._due())
        return first[0] if first else None

    def run(self) -> None:
        """Run the shard that is due first."""
        first = first_due(self._due())
        if first:
            first[1].run()

    def reset(self) -> None:
        """Restart with an empty stream."""
        self._pollers.clear()

    def _due(self) -> Iterator[tuple[datetime, ShardPoller]]:
        stream = self._streams.find(self._mapping.event_source_arn)
        for shard in stream.shards if stream else ():
            poller = self._pollers.get(shard.id) or self._follow(shard)
            due = poller.next_due() if poller and not self._waits(shard) else None
            if poller is not None and due is not None:
                yield due, poller

    def _follow(self, shard: Shard) -> ShardPoller | None:
        """Start with a shard that is new, from its beginning."""
        if not shard.items:
            return None
        return self._add(shard, start=shard.starting_sequence_number)

    def _waits(self, shard: Shard) -> bool:
        """Return whether records of a parent are still to be processed."""
        parents = [self._pollers.get(each) for each in shard.parents]
        return any(parent is not None and not parent.is_at_end for parent in parents)

    def _add(self, shard: Shard, *, start: int) -> ShardPoller:
        stream = self._streams.require({"StreamARN": self._mapping.event_source_arn})
        poller = self._pollers[shard.id] = self._make_poller(stream, shard, start)
        return poller

    def _start(self, shard: Shard) -> int:
        position = self._mapping.starting_position
        if position == "LATEST":
            return shard.end
        if position == "AT_TIMESTAMP":
            return shard.place_at(read_time(self._mapping.starting_position_timestamp))
        return shard.starting_sequence_number
