"""Read a shard for a function or a pipe: batches in order, bisected, retried, then discarded.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any, cast
from zlib import crc32

from pocketcloud.awslambda.mapping_filters import matches_filters
from pocketcloud.awslambda.shard_source import ShardRecords, ShardSource, StreamedRecord
from pocketcloud.awslambda.stream_consumer import DiscardedRecords, ShardConsumer, StreamOptions
from pocketcloud.awslambda.tumbling_window import TumblingWindow
from pocketcloud.core.engine import Engine
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
    """Reads one lane of a shard for one consumer; a failing batch blocks those behind it."""

    def __init__(
        self, engine: Engine, consumer: ShardConsumer, source: ShardSource, *, start: int, lane: Lane
    ) -> None:
        self._engine = engine
        self._consumer = consumer
        self._source = source
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
        shard, window = self._shard(), self._consumer.window
        return shard is None or not (self._waiting(shard) or (window and window.is_open))

    def next_due(self) -> datetime | None:
        """Return when the function is next invoked; None if it has received all records."""
        shard = self._shard()
        # One invocation per lane at a time.
        if shard is None or not self._options.enabled or self._running or self._consumer.is_denied:
            return None
        waiting = self._waiting(shard)
        closing = self._closes_at(shard)
        if closing is not None:
            return closing
        if not waiting:
            return None
        if self._due is None:
            is_full = waiting >= self._options.batch_size
            window = timedelta(seconds=0 if is_full else self._options.max_batch_window or 0)
            self._due = self._engine.clock.now() + window + self._engine.delivery_delay(STREAM_TO_FUNCTION)
        return self._due

    def run(self) -> None:
        """Send one batch, or the rest of a failed one, or the final state of a window."""
        self._due = None
        if not self._consumer.may_poll():
            return
        shard = cast("ShardRecords", self._shard())
        if self._closes_at(shard) is not None:
            self._close_window()
            return
        self._discard_expired(shard)
        batch = self._batch(shard)
        records = self._records(shard, self.position, batch.end)
        presented = [(record, self._source.present(record)) for record in records]
        wanted = [pair for pair in presented if self._is_wanted(*pair)]
        if wanted:
            self._send(batch, [record for record, _ in wanted], [shown for _, shown in wanted])
        else:
            self._finish(batch)

    def reset(self) -> None:
        """Restart at the beginning of the stream."""
        shard = self._shard()
        self.position = shard.starting_sequence_number if shard else 0
        self._batches.clear()
        self._due = self.last_result = None
        self._running = False
        if window := self._consumer.window:
            window.close()

    @property
    def _options(self) -> StreamOptions:
        return self._consumer.options

    def _shard(self) -> ShardRecords | None:
        return self._source.shard()

    def _waiting(self, shard: ShardRecords) -> int:
        """Return how many records are to be processed; skip those of other lanes."""
        end = self._written(shard)
        if self._lane.is_only:
            return end - self.position
        waiting = len(self._records(shard, self.position, end))
        if not waiting and not self._batches:
            self.position = end
        return waiting

    def _written(self, shard: ShardRecords) -> int:
        """Return the place behind everything written, or behind the records of the first one's window."""
        end, window = shard.starting_sequence_number + len(shard.items), self._consumer.window
        return end if window is None else window.limit(self._records(shard, self.position, end), end)

    def _closes_at(self, shard: ShardRecords) -> datetime | None:
        """Return when the open window is closed; None if a record of it waits."""
        window = self._consumer.window
        if window is None or not window.is_open:
            return None
        waiting = self._records(shard, self.position, self._written(shard))
        first = waiting[0] if waiting else None
        return window.closes_at(first, now=self._engine.clock.now(), at_end=self._source.is_closed)

    def _records(self, shard: ShardRecords, start: int, end: int) -> list[StreamedRecord]:
        first = shard.starting_sequence_number
        records = cast("list[StreamedRecord]", shard.items[start - first : end - first])
        return records if self._lane.is_only else [each for each in records if self._lane.has(each)]

    def _batch(self, shard: ShardRecords) -> _Batch:
        if not self._batches:
            self._batches.append(_Batch(self._end(shard, self._written(shard))))
        return self._batches[-1]

    def _end(self, shard: ShardRecords, written: int) -> int:
        """Return the place behind a full batch, or behind everything written."""
        size = self._options.batch_size
        if self._lane.is_only:
            return min(self.position + size, written)
        waiting = self._records(shard, self.position, written)
        return waiting[size - 1].number + 1 if len(waiting) >= size else written

    def _is_wanted(self, record: StreamedRecord, presented: dict[str, Any]) -> bool:
        if matches_filters(self._options.filter_criteria, self._source.filtered(record, presented)):
            return True
        if not self._batches[-1].seen:
            self._write(Kind.FILTERED, record, "the mapping's filter criteria do not match")
        return False

    def _send(
        self, batch: _Batch, wanted: Sequence[StreamedRecord], presented: Sequence[dict[str, Any]]
    ) -> None:
        for record in wanted:
            if batch.seen:
                self._write(Kind.RETRIED, record, f"retry {batch.attempts}")
            self._write(Kind.INVOKED, record)
        self._running = True
        consumed = self._consumer.consume(wanted, presented)
        self._running = False
        self._raised, failed = consumed.raised, consumed.failed
        self.last_result = _FAILED if self._raised else _OK
        places = {record.sequence: record.number for record in wanted}
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

    def _close_window(self) -> None:
        """Send the final state; a failure blocks all records behind it, until the state is too old."""
        window, now = cast("TumblingWindow", self._consumer.window), self._engine.clock.now()
        if now - window.end > self._age_limit():
            self._consumer.discard_window(f"RecordAgeExceeded: the window ended at {window.end}")
            window.close()
            return
        self._write(Kind.INVOKED, None, f"the window ended at {window.end}")
        self._running = True
        reason = self._consumer.close_window()
        self._running = False
        self.last_result = _OK if reason is None else _FAILED
        self._write(Kind.HANDLED if reason is None else Kind.FAILED, None, reason)
        if reason is None:
            window.close()
        else:
            window.retry(self._engine.clock.now() + self._retry_delay(window.attempts + 1))

    def _failed(self, batch: _Batch, wanted: Sequence[StreamedRecord], checkpoint: int, reason: str) -> None:
        batch.seen = True
        remaining = [record for record in wanted if record.number >= checkpoint]
        if checkpoint > wanted[0].number:
            # Progress: retry the rest as a batch of its own from the checkpoint.
            self.position, batch.attempts = checkpoint, 1
        elif self._options.bisect_on_error and len(remaining) > 1:
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
        maximum = self._options.max_retry_attempts
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
        limit = self._age_limit()
        oldest = self._engine.clock.now() - limit
        old = written_before(oldest, shard, self.position)
        expired = [record for record in old if self._lane.has(record)]
        if expired:
            attempts = self._batches[-1].attempts if self._batches else 0
            self._discard(expired, "RecordAgeExceeded", attempts, f"older than {limit}")
            self.position = expired[-1].number + 1
            self._batches = [batch for batch in self._batches if batch.end > self.position]

    def _age_limit(self) -> timedelta:
        age, retention = self._options.max_record_age, self._source.retention
        return min(timedelta(seconds=age), retention) if age and age > 0 else retention

    def _discard(self, records: Sequence[StreamedRecord], condition: str, invoked: int, reason: str) -> None:
        self._consumer.discard(DiscardedRecords(records, condition, invoked, reason, self._raised))

    def _write(self, kind: Kind, record: StreamedRecord | None, reason: str | None = None) -> None:
        ends = [self._source.label, self._consumer.label]
        source, destination = reversed(ends) if kind in {Kind.HANDLED, Kind.FAILED} else ends
        event, identifier = (record.event, record.id) if record else (None, None)
        self._engine.journal.write(kind, source, destination, event, message_id=identifier, reason=reason)


def written_before(time: datetime, shard: ShardRecords, start: int) -> list[StreamedRecord]:
    """Return the records from a sequence number on that are older; they are in order of time."""
    rest = cast("Iterator[StreamedRecord]", islice(shard.items, start - shard.starting_sequence_number, None))
    return list(takewhile(lambda record: record.written_at < time, rest))
