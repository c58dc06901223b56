"""Read a shard for an event source mapping: batches in order, bisected, retried, then discarded.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any, cast
from zlib import crc32

from moto.awslambda.models import EventSourceMapping

from pocketcloud.awslambda.batch_response import REPORT_BATCH_ITEM_FAILURES, find_failures
from pocketcloud.awslambda.mapping_access import PollPermission
from pocketcloud.awslambda.mapping_filters import matches_filters
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.awslambda.shard_source import ShardRecords, ShardSource, StreamedRecord
from pocketcloud.awslambda.stream_failure import DiscardedRecords, StreamFailures
from pocketcloud.core.engine import Engine, function_in
from pocketcloud.core.journal import Kind
from pocketcloud.virtual_time.latency import STREAM_TO_FUNCTION

# AWS documents that retries of a batch back off, but not the schedule.
_INITIAL_BACKOFF, _MAXIMUM_BACKOFF = timedelta(seconds=1), timedelta(minutes=1)
_OK, _FAILED = "OK", "PROBLEM: Function call failed"


@dataclass(slots=True)
class _Batch:
    """The records up to a place, with their number of failed attempts."""

    end: int
    attempts: int = 0
    seen: bool = False
    """Whether the function has already received its records."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The records of a shard whose keys have this checksum; all of them if it is the only lane."""

    number: int = 0
    lanes: int = 1

    @property
    def is_only(self) -> bool:
        """Whether it has every record."""
        return self.lanes == 1

    def has(self, record: StreamedRecord) -> bool:
        """Return whether the record belongs to the lane."""
        return self.is_only or crc32(record.order_key.encode()) % self.lanes == self.number


class StreamPoller:
    """Reads one lane of a shard for one function; a failing batch blocks those behind it."""

    def __init__(  # noqa: PLR0913 - the services, the mapping, and where it reads
        self,
        engine: Engine,
        runtime: Runtime,
        failed: StreamFailures,
        mapping: EventSourceMapping,
        source: ShardSource,
        *,
        start: int,
        lane: Lane = Lane(),
    ) -> None:
        self._engine = engine
        self._runtime = runtime
        self._failures = failed
        self._mapping = mapping
        self._source = source
        self._permission = PollPermission(engine, mapping, *source.read_actions)
        self._batches: list[_Batch] = []
        self._due: datetime | None = None
        self._running = self._raised = False
        self.last_result: str | None = None
        """Lambda's `LastProcessingResult` once a batch was processed."""
        self._lane = lane
        self.position = start
        """The position of the first unprocessed record; records of other lanes before it are skipped."""

    @property
    def is_at_end(self) -> bool:
        """Whether all records of the lane were processed or discarded."""
        shard = self._shard()
        return shard is None or not self._waiting(shard)

    def next_due(self) -> datetime | None:
        """Return when the function is next invoked; None if it has received all records."""
        shard = self._shard()
        # One invocation per lane at a time.
        if shard is None or not self._mapping.enabled or self._running or self._permission.is_denied:
            return None
        waiting = self._waiting(shard)
        if not waiting:
            return None
        if self._due is None:
            is_full = waiting >= self._mapping.batch_size
            window = timedelta(seconds=0 if is_full else self._mapping.max_batch_window or 0)
            self._due = self._engine.clock.now() + window + self._engine.delivery_delay(STREAM_TO_FUNCTION)
        return self._due

    def run(self) -> None:
        """Invoke the function with one batch, or with the rest of a failed one."""
        self._due = None
        if not self._permission.check():
            return
        shard = cast("ShardRecords", self._shard())
        self._discard_expired(shard)
        batch = self._batch(shard)
        records = self._records(shard, self.position, batch.end)
        presented = [(record, self._source.present(record)) for record in records]
        wanted = [pair for pair in presented if self._is_wanted(*pair)]
        if wanted:
            event = self._source.batch([shown for _, shown in wanted])
            self._invoke(batch, [record for record, _ in wanted], event)
        else:
            self._finish(batch)

    def reset(self) -> None:
        """Restart at the beginning of the stream."""
        shard = self._shard()
        self.position = shard.starting_sequence_number if shard else 0
        self._batches.clear()
        self._due = self.last_result = None
        self._running = False

    def _shard(self) -> ShardRecords | None:
        return self._source.shard()

    def _waiting(self, shard: ShardRecords) -> int:
        """Return how many records are to be processed; skip those of other lanes."""
        end = shard.starting_sequence_number + len(shard.items)
        if self._lane.is_only:
            return end - self.position
        waiting = len(self._records(shard, self.position, end))
        if not waiting and not self._batches:
            self.position = end
        return waiting

    def _records(self, shard: ShardRecords, start: int, end: int) -> list[StreamedRecord]:
        first = shard.starting_sequence_number
        records = cast("list[StreamedRecord]", shard.items[start - first : end - first])
        return records if self._lane.is_only else [each for each in records if self._lane.has(each)]

    def _batch(self, shard: ShardRecords) -> _Batch:
        if not self._batches:
            written = shard.starting_sequence_number + len(shard.items)
            self._batches.append(_Batch(self._end(shard, written)))
        return self._batches[-1]

    def _end(self, shard: ShardRecords, written: int) -> int:
        """Return the place behind a full batch, or behind everything written."""
        size = self._mapping.batch_size
        if self._lane.is_only:
            return min(self.position + size, written)
        waiting = self._records(shard, self.position, written)
        return waiting[size - 1].number + 1 if len(waiting) >= size else written

    def _is_wanted(self, record: StreamedRecord, presented: dict[str, Any]) -> bool:
        if matches_filters(self._mapping.filter_criteria, self._source.filtered(record, presented)):
            return True
        if not self._batches[-1].seen:
            self._write(Kind.FILTERED, record, "the mapping's filter criteria do not match")
        return False

    def _invoke(self, batch: _Batch, wanted: Sequence[StreamedRecord], event: dict[str, Any]) -> None:
        for record in wanted:
            if batch.seen:
                self._write(Kind.RETRIED, record, f"retry {batch.attempts}")
            self._write(Kind.INVOKED, record)
        age = self._engine.clock.now() - wanted[-1].written_at
        function = function_in(self._mapping.function_arn)
        self._runtime.measure(function, "IteratorAge", age / timedelta(milliseconds=1))
        self._running = True
        result = self._runtime.invoke(self._mapping.function_arn, event)
        self._running = False
        self._raised = result.error is not None
        self.last_result = _FAILED if self._raised else _OK
        reporting = REPORT_BATCH_ITEM_FAILURES in (self._mapping.function_response_types or [])
        places = {record.sequence: record.number for record in wanted}
        failed = find_failures(result, places, reporting=reporting, read=self._source.reported)
        # The lowest reported sequence number is the checkpoint; all records from there on are retried.
        checkpoint = min((places[each] for each in failed), default=batch.end)
        reason = next(iter(failed.values()), None)
        for record in wanted:
            done = record.number < checkpoint
            self._write(Kind.HANDLED if done else Kind.FAILED, record, None if done else reason)
        if failed:
            self._failed(batch, wanted, checkpoint, str(reason))
        else:
            self._finish(batch)

    def _failed(self, batch: _Batch, wanted: Sequence[StreamedRecord], checkpoint: int, reason: str) -> None:
        batch.seen = True
        remaining = [record for record in wanted if record.number >= checkpoint]
        if checkpoint > wanted[0].number:
            # Progress: retry the rest as a batch of its own from the checkpoint.
            self.position, batch.attempts = checkpoint, 1
        elif self._mapping.bisect_on_error and len(remaining) > 1:
            # Bisecting does not count as a retry; the second half waits for the first.
            middle = remaining[len(remaining) // 2].number
            self._batches.append(_Batch(middle, batch.attempts, seen=True))
        elif self._is_exhausted(batch):
            self._discard(remaining, "RetryAttemptsExhausted", batch.attempts + 1, reason)
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
        return min(_INITIAL_BACKOFF * (1 << min(attempts, 16)), _MAXIMUM_BACKOFF)

    def _finish(self, batch: _Batch) -> None:
        self.position = batch.end
        self._batches.pop()
        if self._batches and self._batches[-1].end <= self.position:
            self._batches.pop()

    def _discard_expired(self, shard: ShardRecords) -> None:
        """Discard records older than the mapping or the stream allows."""
        age = self._mapping.max_record_age
        retention = self._source.retention
        limit = min(timedelta(seconds=age), retention) if age and age > 0 else retention
        oldest = self._engine.clock.now() - limit
        old = written_before(oldest, shard, self.position)
        expired = [record for record in old if self._lane.has(record)]
        if expired:
            attempts = self._batches[-1].attempts if self._batches else 0
            self._discard(expired, "RecordAgeExceeded", attempts, f"older than {limit}")
            self.position = expired[-1].number + 1
            self._batches = [batch for batch in self._batches if batch.end > self.position]

    def _discard(self, records: Sequence[StreamedRecord], condition: str, invoked: int, reason: str) -> None:
        self._failures.discard(
            DiscardedRecords(self._mapping, self._source, records, condition, invoked, reason, self._raised)
        )

    def _write(self, kind: Kind, record: StreamedRecord, reason: str | None = None) -> None:
        ends = [self._source.label, f"function/{function_in(self._mapping.function_arn)}"]
        source, destination = reversed(ends) if kind in {Kind.HANDLED, Kind.FAILED} else ends
        self._engine.journal.write(
            kind, source, destination, record.event, message_id=record.id, reason=reason
        )


def written_before(time: datetime, shard: ShardRecords, start: int) -> list[StreamedRecord]:
    """Return the records from a sequence number on that are older; they are in order of time."""
    rest = cast("Iterator[StreamedRecord]", islice(shard.items, start - shard.starting_sequence_number, None))
    return list(takewhile(lambda record: record.written_at < time, rest))
