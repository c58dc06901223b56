"""An event source mapping from a table's stream: batches in order, bisected, retried, at last given up.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from moto.awslambda.models import EventSourceMapping
from moto.dynamodb.models.table import StreamShard

from pocketcloud.awslambda.batch_response import REPORTING, failures
from pocketcloud.awslambda.mapping_access import Poll
from pocketcloud.awslambda.mapping_filters import passes
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.awslambda.stream_failure import GivenUp, StreamFailures
from pocketcloud.core.engine import Engine, function_in
from pocketcloud.core.journal import Kind
from pocketcloud.dynamodb.stream_record import JournaledRecord, shard_of
from pocketcloud.virtual_time.latency import STREAM_TO_FUNCTION

_RETENTION = timedelta(hours=24)
# AWS publishes no schedule for the retries of a stream's batch, only that it backs off.
_FIRST_BACKOFF, _LONGEST_BACKOFF = timedelta(seconds=1), timedelta(minutes=1)
_TRIMMED_AT_ONCE = 5_000


@dataclass(slots=True)
class _Batch:
    """The records up to a sequence number, and how often they have failed together."""

    end: int
    attempts: int = 0
    seen: bool = False
    """Whether the function has seen its records before."""


class StreamMapping:
    """One table's changes on their way to one function; a failing batch holds up those behind it."""

    def __init__(
        self, engine: Engine, runtime: Runtime, failed: StreamFailures, mapping: EventSourceMapping
    ) -> None:
        self._engine = engine
        self._runtime = runtime
        self._failures = failed
        self._mapping = mapping
        self._table = mapping.event_source_arn.split("/")[1]
        self._poll = Poll(engine, mapping, "dynamodb:GetShardIterator", "dynamodb:GetRecords")
        self._batches: list[_Batch] = []
        self._due: datetime | None = None
        self._under_way = False
        shard = self._shard()
        self._position = shard.starting_sequence_number if shard else 0
        if shard and mapping.starting_position == "LATEST":
            self._position += len(shard.items)

    @property
    def what(self) -> str:
        """Which table's changes are in flight."""
        return f"table/{self._table}"

    def next_due(self) -> datetime | None:
        """When the function is invoked next; None if it has seen all records."""
        shard = self._shard()
        # A shard has one invocation at a time.
        if shard is None or not self._mapping.enabled or self._under_way or self._poll.waits:
            return None
        waiting = shard.starting_sequence_number + len(shard.items) - self._position
        if not waiting:
            return None
        if self._due is None:
            is_full = waiting >= self._mapping.batch_size
            window = timedelta(seconds=0 if is_full else self._mapping.max_batch_window or 0)
            self._due = self._engine.clock.now() + window + self._engine.spread(STREAM_TO_FUNCTION)
        return self._due

    def run(self) -> None:
        """Hand one batch to the function, or what is left of one that failed."""
        self._due = None
        if not self._poll.may():
            return
        shard = cast("StreamShard", self._shard())
        self._give_up_expired(shard)
        batch = self._batch(shard)
        records = self._records(shard, self._position, batch.end)
        wanted = [record for record in records if self._is_wanted(record)]
        if wanted:
            self._hand_over(batch, wanted)
        else:
            self._finish(batch)
        self._trim(shard)

    def reset(self) -> None:
        """Begin where the stream begins."""
        shard = self._shard()
        self._position = shard.starting_sequence_number if shard else 0
        self._batches.clear()
        self._due = None
        self._under_way = False

    def _shard(self) -> StreamShard | None:
        # Read anew each time: moto replaces tables and shards.
        return shard_of(self._engine.dynamodb.tables.get(self._table))

    def _records(self, shard: StreamShard, start: int, end: int) -> list[JournaledRecord]:
        first = shard.starting_sequence_number
        return cast("list[JournaledRecord]", shard.items[start - first : end - first])

    def _batch(self, shard: StreamShard) -> _Batch:
        if not self._batches:
            written = shard.starting_sequence_number + len(shard.items)
            self._batches.append(_Batch(min(self._position + self._mapping.batch_size, written)))
        return self._batches[-1]

    def _is_wanted(self, record: JournaledRecord) -> bool:
        presented = record.as_lambda_record(self._mapping.event_source_arn, self._engine.region)
        if passes(self._mapping.filter_criteria, presented):
            return True
        if not self._batches[-1].seen:
            self._write(Kind.FILTERED, record, "the mapping's filter criteria do not match")
        return False

    def _hand_over(self, batch: _Batch, wanted: Sequence[JournaledRecord]) -> None:
        for record in wanted:
            if batch.seen:
                self._write(Kind.RETRIED, record, f"retry {batch.attempts}")
            self._write(Kind.INVOKED, record)
        arn, region = self._mapping.event_source_arn, self._engine.region
        event = {"Records": [record.as_lambda_record(arn, region) for record in wanted]}
        age = self._engine.clock.now() - wanted[-1].written_at
        function = function_in(self._mapping.function_arn)
        self._runtime.measure(function, "IteratorAge", age / timedelta(milliseconds=1))
        self._under_way = True
        result = self._runtime.invoke(self._mapping.function_arn, event)
        self._under_way = False
        reporting = REPORTING in (self._mapping.function_response_types or [])
        failed = failures(result, [str(record.number) for record in wanted], reporting=reporting)
        # The lowest sequence number reported is the checkpoint; everything from there on comes again.
        checkpoint = min(map(int, failed)) if failed else batch.end
        reason = next(iter(failed.values()), None)
        for record in wanted:
            done = record.number < checkpoint
            self._write(Kind.HANDLED if done else Kind.FAILED, record, None if done else reason)
        if failed:
            self._failed(batch, wanted, checkpoint, str(reason))
        else:
            self._finish(batch)

    def _failed(self, batch: _Batch, wanted: Sequence[JournaledRecord], checkpoint: int, reason: str) -> None:
        batch.seen = True
        remaining = [record for record in wanted if record.number >= checkpoint]
        if checkpoint > wanted[0].number:
            # Progress: the rest is a batch of its own from the checkpoint on.
            self._position, batch.attempts = checkpoint, 1
        elif self._mapping.bisect_on_error and len(remaining) > 1:
            # Splitting costs no retry; the second half waits until the first is through.
            middle = remaining[len(remaining) // 2].number
            self._batches.append(_Batch(middle, batch.attempts, seen=True))
        elif self._is_exhausted(batch):
            self._give_up(remaining, "RetryAttemptsExhausted", batch.attempts + 1, reason)
            self._finish(batch)
            return
        else:
            batch.attempts += 1
        self._due = self._engine.clock.now() + self._retry_delay(batch.attempts)

    def _is_exhausted(self, batch: _Batch) -> bool:
        maximum = self._mapping.max_retry_attempts
        return maximum is not None and maximum >= 0 and batch.attempts >= maximum

    def _retry_delay(self, attempts: int) -> timedelta:
        if self._engine.retry_after is not None:
            return self._engine.retry_after
        return min(_FIRST_BACKOFF * (1 << min(attempts, 16)), _LONGEST_BACKOFF)

    def _finish(self, batch: _Batch) -> None:
        self._position = batch.end
        self._batches.pop()
        if self._batches and self._batches[-1].end <= self._position:
            self._batches.pop()

    def _give_up_expired(self, shard: StreamShard) -> None:
        """Records older than the mapping or the stream allows are never handed out again."""
        age = self._mapping.max_record_age
        limit = timedelta(seconds=age) if age and age > 0 else _RETENTION
        oldest = self._engine.clock.now() - min(limit, _RETENTION)
        end = shard.starting_sequence_number + len(shard.items)
        expired = [
            record for record in self._records(shard, self._position, end) if record.written_at < oldest
        ]
        if expired:
            attempts = self._batches[-1].attempts if self._batches else 0
            self._give_up(expired, "RecordAgeExceeded", attempts, f"older than {min(limit, _RETENTION)}")
            self._position = expired[-1].number + 1
            self._batches = [batch for batch in self._batches if batch.end > self._position]

    def _give_up(self, records: Sequence[JournaledRecord], condition: str, invoked: int, reason: str) -> None:
        self._failures.give_up(GivenUp(self._mapping, self._table, records, condition, invoked, reason))

    def _trim(self, shard: StreamShard) -> None:
        """Let go of records that are past and a day old, as DynamoDB does, to bound memory."""
        passed = self._records(shard, shard.starting_sequence_number, self._position)
        if len(passed) < _TRIMMED_AT_ONCE or self._has_company():
            return
        oldest = self._engine.clock.now() - _RETENTION
        old = sum(record.written_at < oldest for record in passed)
        del shard.items[:old]
        shard.starting_sequence_number += old

    def _has_company(self) -> bool:
        """Whether another function reads the same stream, perhaps more slowly."""
        arn = self._mapping.event_source_arn
        return len(list(self._engine.functions.list_event_source_mappings(arn, ""))) > 1

    def _write(self, kind: Kind, record: JournaledRecord, reason: str | None = None) -> None:
        ends = [self.what, f"function/{function_in(self._mapping.function_arn)}"]
        source, destination = reversed(ends) if kind in {Kind.HANDLED, Kind.FAILED} else ends
        identifier: Any = record.record["eventID"]
        self._engine.journal.write(
            kind, source, destination, record.event, message_id=identifier, reason=reason
        )
