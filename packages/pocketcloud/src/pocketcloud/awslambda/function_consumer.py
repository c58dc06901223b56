"""The function of an event source mapping as the consumer of a shard."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.pipes.models import pipes_backends

from pocketcloud.awslambda.batch_response import REPORT_BATCH_ITEM_FAILURES, find_failures
from pocketcloud.awslambda.invocation import InvocationResult
from pocketcloud.awslambda.mapping_access import PollPermission
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.awslambda.shard_source import ShardSource, StreamedRecord
from pocketcloud.awslambda.stream_consumer import ConsumedBatch, DiscardedRecords, StreamOptions
from pocketcloud.awslambda.stream_failure import StreamFailures
from pocketcloud.awslambda.tumbling_window import TumblingWindow
from pocketcloud.core.engine import Engine, function_in
from pocketcloud.virtual_time.latency import STREAM_TO_FUNCTION


class FunctionConsumer:
    """Invokes a function with batches, and with the final state of each window."""

    def __init__(
        self,
        engine: Engine,
        runtime: Runtime,
        failures: StreamFailures,
        mapping: EventSourceMapping,
        source: ShardSource,
    ) -> None:
        self._engine = engine
        self._runtime = runtime
        self._failures = failures
        self._mapping = mapping
        self._source = source
        self._permission = PollPermission(engine, mapping, *source.read_actions)
        self._window: TumblingWindow | None = None

    @property
    def window(self) -> TumblingWindow | None:
        """The window in which the function aggregates; an update of the mapping applies to the next one."""
        seconds: int = self._mapping.tumbling_window or 0
        known = self._window
        if (known.seconds if known else 0) != seconds and not (known and known.is_open):
            self._window = TumblingWindow(seconds) if seconds else None
        return self._window

    @property
    def options(self) -> StreamOptions:
        """The mapping, which can be updated."""
        return self._mapping

    @property
    def label(self) -> str:
        """The function's name in the journal."""
        return f"function/{function_in(self._mapping.function_arn)}"

    @property
    def is_denied(self) -> bool:
        """Whether the current policies denied a poll."""
        return self._permission.is_denied

    def may_poll(self) -> bool:
        """Return whether the function's role may read the shard."""
        return self._permission.check()

    def consume(
        self, records: Sequence[StreamedRecord], presented: Sequence[dict[str, Any]]
    ) -> ConsumedBatch:
        """Invoke the function; it can report failed records."""
        event, window = self._source.batch(presented), self.window
        if window is not None:
            delay = self._engine.delivery_delay(STREAM_TO_FUNCTION)
            event = window.extend({**event, **self._place()}, records[0], delay)
        age = self._engine.clock.now() - records[-1].written_at
        function = function_in(self._mapping.function_arn)
        self._runtime.measure(function, "IteratorAge", age / timedelta(milliseconds=1))
        result = self._invoke(event)
        reporting = REPORT_BATCH_ITEM_FAILURES in (self._mapping.function_response_types or [])
        identifiers = [record.sequence for record in records]
        failed = find_failures(result, identifiers, reporting=reporting, read=self._source.reported)
        return ConsumedBatch(failed, raised=result.error is not None)

    def close_window(self) -> str | None:
        """Invoke the function with the final state; return the reason if that failed."""
        if self.window is None:
            return None
        result = self._invoke(self.window.final({**self._source.batch([]), **self._place()}))
        return None if result.error is None else str(result.error)

    def discard(self, batch: DiscardedRecords) -> None:
        """Notify the mapping's on-failure destination."""
        self._failures.discard(self._mapping, self._source, batch)

    def discard_window(self, reason: str) -> None:
        """Record that the state of the window is lost."""
        if self.window is not None:
            self._failures.drop(self._source, reason, self.window.state)

    def has_other_readers(self) -> bool:
        """Return whether another mapping or a pipe reads the same stream."""
        arn, engine = self._mapping.event_source_arn, self._engine
        pipes = pipes_backends[engine.account][engine.region].pipes.values()
        mappings = list(engine.functions.list_event_source_mappings(arn, ""))
        return len(mappings) > 1 or any(pipe.source == arn for pipe in pipes)

    def _invoke(self, event: dict[str, Any]) -> InvocationResult:
        result = self._runtime.invoke(self._mapping.function_arn, event)
        return result if self.window is None else self.window.accept(result, self._engine.clock.now())

    def _place(self) -> dict[str, Any]:
        return {"shardId": self._source.shard_id, "eventSourceARN": self._mapping.event_source_arn}
