"""Read a broker's queue for an event source mapping: acknowledge a batch whole, or requeue it whole.

https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

from datetime import datetime, timedelta
from typing import Any

from pocketcloud.awslambda.mapping_access import PollPermission
from pocketcloud.awslambda.mapping_filters import matches_filters
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.engine import Engine, function_in
from pocketcloud.core.journal import Kind
from pocketcloud.mq.broker_mapping import BrokerMapping
from pocketcloud.mq.broker_queue import BrokerMessage, BrokerQueue
from pocketcloud.mq.brokers import Brokers
from pocketcloud.mq.rabbitmq_event import broker_record, event_of, filtered, rabbitmq_event
from pocketcloud.virtual_time.latency import QUEUE_TO_FUNCTION

DEFAULT_WINDOW = timedelta(milliseconds=500)
# AWS documents no pause between the deliveries of a failed batch; one bounds the work of a poisoned queue.
_INITIAL_BACKOFF, _MAXIMUM_BACKOFF = timedelta(seconds=1), timedelta(minutes=1)


class BrokerPoller:
    """Polls one queue for one function, one batch at a time."""

    last_result: str | None = None
    """Lambda's `LastProcessingResult`."""

    def __init__(self, engine: Engine, runtime: Runtime, brokers: Brokers, mapping: BrokerMapping) -> None:
        self._engine = engine
        self._runtime = runtime
        self._brokers = brokers
        self._mapping = mapping
        self._permission = PollPermission(engine, mapping, "mq:DescribeBroker")
        self._due: datetime | None = None
        self._failures = 0
        self._running = False

    @property
    def label(self) -> str:
        """The queue's name in the journal."""
        return f"broker-queue/{self._mapping.queue}"

    def next_due(self) -> datetime | None:
        """Return when the next poll is due: when the window closes, or a failed batch comes again."""
        # RabbitMQ: one invocation per mapping at a time.
        if not self._mapping.enabled or self._running or self._permission.is_denied:
            return None
        waiting = self._queue().waiting()
        if not waiting:
            self._due = None
            return None
        if self._due is None:
            window = timedelta() if waiting >= self._mapping.batch_size else self._window()
            delay = self._engine.delivery_delay(QUEUE_TO_FUNCTION)
            self._due = self._engine.clock.now() + window + delay
        return self._due

    def run(self) -> None:
        """Invoke the function with one batch."""
        self._due = None
        if not self._permission.check():
            return
        queue = self._queue()
        received = [(each, broker_record(each)) for each in queue.receive(self._mapping.batch_size)]
        wanted = [pair for pair in received if self._is_wanted(*pair)]
        kept = {message.tag for message, _ in wanted}
        queue.acknowledge([message for message, _ in received if message.tag not in kept])
        if wanted:
            self._invoke(queue, [message for message, _ in wanted], [record for _, record in wanted])

    def reset(self) -> None:
        """Drop the planned poll."""
        self._due, self._failures, self._running, self.last_result = None, 0, False, None

    def _queue(self) -> BrokerQueue:
        mapping = self._mapping
        return self._brokers.queue(mapping.event_source_arn, mapping.queue, mapping.virtual_host)

    def _window(self) -> timedelta:
        seconds = self._mapping.max_batch_window
        return DEFAULT_WINDOW if seconds is None else timedelta(seconds=seconds)

    def _is_wanted(self, message: BrokerMessage, record: dict[str, Any]) -> bool:
        criteria = self._mapping.filter_criteria
        if not (criteria or {}).get("Filters"):
            return True
        if any(matches_filters(criteria, reading) for reading in filtered(message, record)):
            return True
        self._write(Kind.FILTERED, message, "the mapping's filter criteria do not match")
        return False

    def _invoke(
        self, queue: BrokerQueue, messages: list[BrokerMessage], records: list[dict[str, Any]]
    ) -> None:
        for message in messages:
            if message.redelivered:
                self._write(Kind.RETRIED, message, "delivered again")
            self._write(Kind.INVOKED, message)
        mapping = self._mapping
        event = rabbitmq_event(mapping.event_source_arn, mapping.queue, mapping.virtual_host, records)
        self._running = True
        result = self._runtime.invoke(mapping.function_arn, event)
        self._running = False
        failed = None if result.error is None else str(result.error)
        for message in messages:
            self._write(Kind.FAILED if failed else Kind.HANDLED, message, failed)
        self.last_result = "PROBLEM: Function call failed" if failed else "OK"
        if failed:
            self._requeue(queue, messages)
        else:
            self._failures = 0
            queue.acknowledge(messages)

    def _requeue(self, queue: BrokerQueue, messages: list[BrokerMessage]) -> None:
        queue.requeue(messages)
        backoff = min(_INITIAL_BACKOFF * (1 << min(self._failures, 16)), _MAXIMUM_BACKOFF)
        self._failures += 1
        self._due = self._engine.clock.now() + (self._engine.retry_after or backoff)

    def _write(self, kind: Kind, message: BrokerMessage, reason: str | None = None) -> None:
        ends = [self.label, f"function/{function_in(self._mapping.function_arn)}"]
        # The function's outcomes go from the function to the queue; everything else goes the other way.
        source, destination = reversed(ends) if kind in {Kind.HANDLED, Kind.FAILED} else ends
        self._engine.journal.write(kind, source, destination, event_of(message), reason=reason)
