"""Poll a queue for a pipe: filter its messages, send them to the target, and delete those that arrived.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.pipes.models import Pipe
from moto.sqs.models import Queue

from pocketcloud.awslambda.mapping_filters import matches_queue_filters
from pocketcloud.awslambda.queue_record import queue_record
from pocketcloud.core.engine import Engine, name_in
from pocketcloud.core.journal import Kind
from pocketcloud.eventbridge.pipe_access import PipePermission
from pocketcloud.eventbridge.pipe_batch import PipeBatch, PipeItem
from pocketcloud.eventbridge.pipe_targets import PipeTargets
from pocketcloud.sqs.message_checks import setting
from pocketcloud.sqs.message_store import StoredMessage
from pocketcloud.sqs.queues import Queues
from pocketcloud.virtual_time.latency import QUEUE_TO_FUNCTION

_DEFAULT_BATCH = 10
_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


class PipePoller:
    """Polls one queue for one pipe, one batch at a time."""

    def __init__(self, engine: Engine, queues: Queues, targets: PipeTargets, pipe: Pipe) -> None:
        self._engine = engine
        self._queues = queues
        self._targets = targets
        self._pipe = pipe
        self._permission = PipePermission(engine, pipe, _ACTIONS)
        self._seen: float | None = None
        self._due: datetime | None = None

    @property
    def label(self) -> str:
        """The queue's name in the journal."""
        return f"queue/{name_in(self._pipe.source)}"

    def next_due(self) -> datetime | None:
        """Return when the next poll is due: after a message is visible and the batching window is over."""
        available_at = self._queues.store(self._pipe.source).next_available()
        if available_at is None or self._pipe.desired_state != "RUNNING" or self._permission.is_denied:
            return None
        if available_at != self._seen or self._due is None:
            self._seen, self._due = available_at, self._poll_after(available_at)
        return self._due

    def run(self) -> None:
        """Send one batch to the target."""
        self._due = None
        queue = self._engine.sqs.queues.get(name_in(self._pipe.source))
        if queue is None or not self._permission.check():
            return
        size = self._parameters.get("BatchSize", _DEFAULT_BATCH)
        received = self._queues.receive(queue, size, setting(queue, "visibility_timeout"))
        wanted = [pair for pair in map(self._with_record, received) if self._is_wanted(queue, *pair)]
        if wanted:
            self._send(queue, wanted)

    def reset(self) -> None:
        """Drop the planned poll."""
        self._seen = self._due = None

    @property
    def _parameters(self) -> dict[str, Any]:
        found: dict[str, Any] = (self._pipe.source_parameters or {}).get("SqsQueueParameters", {})
        return found

    def _poll_after(self, available_at: float) -> datetime:
        visible = datetime.fromtimestamp(available_at / 1000, UTC)
        window = timedelta(seconds=self._parameters.get("MaximumBatchingWindowInSeconds", 0))
        return max(visible + window, self._engine.clock.now()) + self._engine.delivery_delay(
            QUEUE_TO_FUNCTION
        )

    def _with_record(self, stored: StoredMessage) -> tuple[StoredMessage, dict[str, Any]]:
        record = queue_record(stored.message, self._pipe.source, self._engine.region, window=False)
        return stored, record

    def _is_wanted(self, queue: Queue, stored: StoredMessage, record: dict[str, Any]) -> bool:
        criteria = (self._pipe.source_parameters or {}).get("FilterCriteria")
        if matches_queue_filters(criteria, record):
            return True
        # As a mapping does, a pipe deletes messages that no filter matches.
        self._queues.delete(queue, str(stored.message.receipt_handle))
        self._write(Kind.FILTERED, stored, "the pipe's filter criteria do not match")
        return False

    def _send(self, queue: Queue, wanted: Sequence[tuple[StoredMessage, dict[str, Any]]]) -> None:
        items = [PipeItem(stored.message.id, stored.event, record) for stored, record in wanted]
        failed = self._targets.send(PipeBatch(self._pipe, items))
        for stored, _ in wanted:
            reason = failed.get(stored.message.id)
            self._write(Kind.HANDLED if reason is None else Kind.FAILED, stored, reason)
            if reason is None:
                self._queues.delete(queue, str(stored.message.receipt_handle))

    def _write(self, kind: Kind, stored: StoredMessage, reason: str | None) -> None:
        ends = self.label, f"pipe/{self._pipe.name}"
        identifier = stored.message.id
        self._engine.journal.write(kind, *ends, stored.event, message_id=identifier, reason=reason)
