"""Read a shard in lanes: batches of different keys at once, and each key in order.

A mapping with a `ParallelizationFactor` of N reads a shard in N lanes. Each has its own batches, retries and
checkpoint, so a failing batch blocks its lane only. Lambda documents neither which keys share a lane nor that
two ever do; here a checksum of the key decides.
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
"""

from collections.abc import Callable
from datetime import datetime

from pocketcloud.awslambda.parts import due_of, first_due, result_of
from pocketcloud.awslambda.shard_source import ShardSource
from pocketcloud.awslambda.stream_consumer import ShardConsumer
from pocketcloud.awslambda.stream_mapping import Lane, StreamPoller, written_before
from pocketcloud.core.engine import Engine

MakeConsumer = Callable[[ShardSource], ShardConsumer]
_TRIM_BATCH = 5_000


class ShardPoller:
    """One poller for each lane of a shard."""

    def __init__(
        self, engine: Engine, make_consumer: MakeConsumer, source: ShardSource, *, start: int
    ) -> None:
        self._engine = engine
        self._source = source
        self._consumer = make_consumer(source)
        number = self._consumer.options.parallelization_factor or 1
        self._lanes = [
            StreamPoller(engine, consumer, source, start=start, lane=Lane(each, number))
            for each in range(number)
            for consumer in (make_consumer(source) if each else self._consumer,)
        ]

    @property
    def label(self) -> str:
        """The name of the table or stream in the journal."""
        return self._source.label

    @property
    def last_result(self) -> str | None:
        """Lambda's `LastProcessingResult`: that of a lane with a failure, if there is one."""
        return result_of(self._lanes)

    @property
    def is_at_end(self) -> bool:
        """Whether all records of the shard were processed or discarded."""
        return all(lane.is_at_end for lane in self._lanes)

    def next_due(self) -> datetime | None:
        """Return when the function is next invoked for any lane."""
        first = first_due(due_of(self._lanes))
        return first[0] if first else None

    def run(self) -> None:
        """Run the lane that is due first."""
        first = first_due(due_of(self._lanes))
        if first:
            first[1].run()
            self._trim()

    def reset(self) -> None:
        """Restart at the beginning of the stream."""
        for lane in self._lanes:
            lane.reset()

    def _trim(self) -> None:
        """Delete records that every lane has processed and that are past their retention, to bound memory."""
        shard = self._source.shard()
        if shard is None:
            return
        passed = min(lane.position for lane in self._lanes) - shard.starting_sequence_number
        if passed < _TRIM_BATCH or self._consumer.has_other_readers():
            return
        oldest = self._engine.clock.now() - self._source.retention
        old = min(passed, len(written_before(oldest, shard, shard.starting_sequence_number)))
        del shard.items[:old]
        shard.starting_sequence_number += old
