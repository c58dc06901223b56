"""Poll a queue for an event source mapping: invoke the function and delete handled messages.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.sqs.exceptions import SQSException
from moto.sqs.models import Message, Queue

from pocketcloud.awslambda.batch_response import REPORT_BATCH_ITEM_FAILURES, find_failures
from pocketcloud.awslambda.mapping_access import PollPermission
from pocketcloud.awslambda.mapping_filters import matches_queue_filters
from pocketcloud.awslambda.queue_record import queue_record
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.engine import Engine, function_in, name_in
from pocketcloud.core.journal import Kind, MessageDelivery
from pocketcloud.sqs.message_checks import setting
from pocketcloud.sqs.message_store import StoredMessage
from pocketcloud.sqs.queues import Queues
from pocketcloud.virtual_time.latency import QUEUE_TO_FUNCTION

_MAXIMUM_PAYLOAD_BYTES = 6 * 1024 * 1024


class QueuePoller:
    """Polls one queue for one function, one batch at a time."""

    def __init__(self, engine: Engine, queues: Queues, runtime: Runtime, mapping: EventSourceMapping) -> None:
        self._engine = engine
        self._queues = queues
        self._runtime = runtime
        self._mapping = mapping
        self._permission = PollPermission(engine, mapping, "sqs:ReceiveMessage", "sqs:GetQueueAttributes")
        self._store = queues.store(mapping.event_source_arn)
        self._seen: float | None = None
        self._due: datetime | None = None

    @property
    def label(self) -> str:
        """The queue's name in the journal."""
        return f"queue/{name_in(self._mapping.event_source_arn)}"

    def next_due(self) -> datetime | None:
        """Return when the next poll is due: after a message is visible, or when the window closes."""
        available_at = self._store.next_available()
        if available_at is None or not self._mapping.enabled or self._permission.is_denied:
            return None
        if available_at != self._seen or self._due is None:
            self._seen = available_at
            self._due = self._poll_after(available_at)
        if self._mapping.max_batch_window and self._is_full():
            return self._engine.clock.now()
        return self._due

    def run(self) -> None:
        """Invoke the function with one batch."""
        self._due = None
        if not self._permission.check():
            return
        queue = self._queue()
        visibility = setting(queue, "visibility_timeout")
        size = self._mapping.batch_size
        received = self._queues.receive(queue, size, visibility, maximum_bytes=_MAXIMUM_PAYLOAD_BYTES)
        records = [(stored, self._record(stored.message)) for stored in received]
        wanted = [pair for pair in records if self._is_wanted(queue, *pair)]
        if wanted:
            self._invoke(queue, wanted)

    def reset(self) -> None:
        """Drop the planned poll."""
        self._seen = self._due = None

    def _queue(self) -> Queue:
        return self._engine.sqs.get_queue(name_in(self._mapping.event_source_arn))

    def _poll_after(self, available_at: float) -> datetime:
        visible = datetime.fromtimestamp(available_at / 1000, UTC)
        window = timedelta(seconds=self._mapping.max_batch_window or 0)
        return max(visible + window, self._engine.clock.now()) + self._engine.delivery_delay(
            QUEUE_TO_FUNCTION
        )

    def _is_full(self) -> bool:
        size = self._mapping.batch_size
        return self._store.count_available(self._queues.now(), size) >= size

    def _is_wanted(self, queue: Queue, stored: StoredMessage, record: dict[str, Any]) -> bool:
        if matches_queue_filters(self._mapping.filter_criteria, record):
            return True
        # Lambda deletes messages that no filter matches.
        self._queues.delete(queue, str(stored.message.receipt_handle))
        self._write(Kind.FILTERED, stored, reason="the mapping's filter criteria do not match")
        return False

    def _invoke(self, queue: Queue, batch: list[tuple[StoredMessage, dict[str, Any]]]) -> None:
        name = function_in(self._mapping.function_arn)
        deliveries = [self._delivered(queue, stored, name) for stored, _ in batch]
        result = self._runtime.invoke(
            self._mapping.function_arn, {"Records": [record for _, record in batch]}
        )
        reporting = REPORT_BATCH_ITEM_FAILURES in (self._mapping.function_response_types or [])
        failed = find_failures(result, [stored.message.id for stored, _ in batch], reporting=reporting)
        may_delete = self._permission.check("sqs:DeleteMessage")
        for (stored, _), delivery in zip(batch, deliveries, strict=True):
            reason = failed.get(stored.message.id)
            if reason is None and not may_delete:
                reason = "the function's role may not delete messages"
            reason = reason or self._deletion_error(queue, stored)
            delivery.handled = reason is None
            if reason is None:
                self._write(Kind.HANDLED, stored)
            else:
                self._failed(queue, stored, reason)

    def _deletion_error(self, queue: Queue, stored: StoredMessage) -> str | None:
        """Delete a handled message; return the error of a FIFO queue whose visibility timeout is over."""
        try:
            self._queues.delete(queue, str(stored.message.receipt_handle))
        except SQSException as error:
            return str(error.message)
        return None

    def _delivered(self, queue: Queue, stored: StoredMessage, function: str) -> MessageDelivery:
        count = stored.message.approximate_receive_count
        if count > 1:
            self._write(Kind.RETRIED, stored, reason=f"received for the {count}th time")
        self._write(Kind.INVOKED, stored)
        delivery = MessageDelivery(stored.event, queue.name, function, self._engine.clock.now(), count)
        self._engine.journal.record_delivery(delivery)
        return delivery

    def _failed(self, queue: Queue, stored: StoredMessage, reason: str) -> None:
        self._write(Kind.FAILED, stored, reason=reason)
        # By default, the message stays invisible for the rest of its visibility timeout.
        if self._engine.retry_after is not None and stored.message.id in self._store:
            until = self._engine.clock.now() + self._engine.retry_after
            self._queues.hide(queue, str(stored.message.receipt_handle), until)

    def _write(self, kind: Kind, stored: StoredMessage, reason: str | None = None) -> None:
        ends = [self.label, f"function/{function_in(self._mapping.function_arn)}"]
        # The function's outcomes go from the function to the queue; everything else goes the other way.
        source, destination = reversed(ends) if kind in {Kind.HANDLED, Kind.FAILED} else ends
        self._engine.journal.write(
            kind, source, destination, stored.event, message_id=stored.message.id, reason=reason
        )

    def _record(self, message: Message) -> dict[str, Any]:
        window = bool(self._mapping.max_batch_window)
        return queue_record(message, self._mapping.event_source_arn, self._engine.region, window=window)
