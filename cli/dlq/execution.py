"""Execute a plan: send each message, record it in the audit trail, then delete it; in this order.

If this is interrupted anywhere, every message is still in its dead-letter queue, at its destination, or in
both. A message that arrives twice changes nothing, as one decision is one transaction. Run the same command
again to continue.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from cli.core.audit import AuditTrail
from cli.dlq.destinations import Destination, NotRedrivableError
from cli.dlq.message import DeadLetteredMessage
from cli.dlq.queue_reader import QueueReader, reading
from cli.dlq.queues import DeadLetterQueueStatus

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

IN_FLIGHT_LIMIT = 120_000
"""SQS's limit of received messages that are neither deleted nor visible again."""


@dataclass(slots=True, kw_only=True)
class ExecutionPlan:
    """The destinations by message id, and the messages that stay with the reason."""

    destinations: dict[str, Destination] = field(default_factory=dict)
    messages: list[DeadLetteredMessage] = field(default_factory=list)
    remaining: list[tuple[DeadLetteredMessage, str]] = field(default_factory=list)

    def queues(self) -> Sequence[DeadLetterQueueStatus]:
        """Return the queues of the planned messages."""
        return tuple(dict.fromkeys(message.queue for message in self.messages))


def plan_messages(
    messages: Iterable[DeadLetteredMessage], destination: Callable[[DeadLetteredMessage], Destination]
) -> ExecutionPlan:
    """Plan a destination for each message; a message without one stays."""
    plan = ExecutionPlan()
    for message in messages:
        try:
            plan.destinations[message.message_id] = destination(message)
        except NotRedrivableError as reason:
            plan.remaining.append((message, str(reason)))
        else:
            plan.messages.append(message)
    return plan


@dataclass(slots=True, kw_only=True)
class ExecutionResult:
    """The ids of a plan's messages, by what happened to them."""

    done: list[str] = field(default_factory=list)
    not_deleted: list[str] = field(default_factory=list)
    """Sent, and still in the dead-letter queue."""
    not_met: list[str] = field(default_factory=list)
    """Not received again: another reader holds or has deleted them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanExecution:
    """A plan while it is executed."""

    sqs: "SQSClient"
    plan: ExecutionPlan
    audit: AuditTrail
    pause: Callable[[], None]
    """Called after each message, to limit the rate."""
    show: Callable[[ExecutionResult], None]
    difference: str = ""
    result: ExecutionResult = field(default_factory=ExecutionResult)

    def run(self) -> ExecutionResult:
        """Execute the plan; on an error of AWS, `result` holds what was done before."""
        for queue in self.plan.queues():
            self._process(queue)
        received = {*self.result.done, *self.result.not_deleted}
        self.result.not_met += [
            message.message_id for message in self.plan.messages if message.message_id not in received
        ]
        return self.result

    def _process(self, queue: DeadLetterQueueStatus) -> None:
        pending = {message.message_id for message in self.plan.messages if message.queue == queue}
        with reading(self.sqs, queue, expected=IN_FLIGHT_LIMIT) as reader:
            for batch in reader.batches(IN_FLIGHT_LIMIT):
                # A message that fails again meanwhile is not part of the plan.
                planned = [message for message in batch if message.message_id in pending]
                pending -= {message.message_id for message in planned}
                self._move(reader, planned)
                if not pending:
                    return

    def _move(self, reader: QueueReader, messages: list[DeadLetteredMessage]) -> None:
        """Send the messages, then delete those that were sent, even after an error."""
        sent: list[DeadLetteredMessage] = []
        try:
            for message in messages:
                self._send(message)
                sent.append(message)
                self.pause()
        finally:
            self._delete(reader, sent)

    def _send(self, message: DeadLetteredMessage) -> None:
        destination = self.plan.destinations[message.message_id]
        destination.send(message, f"{self.audit.action_id}/{message.redriven + 1}")
        self.audit.record(message.message_id, _audit_row(message, destination.to, self.difference))

    def _delete(self, reader: QueueReader, messages: list[DeadLetteredMessage]) -> None:
        """Delete sent messages; count them as done once SQS has confirmed that."""
        not_deleted = {message.message_id for message in reader.delete(messages)}
        self.result.not_deleted += sorted(not_deleted)
        self.result.done += [
            message.message_id for message in messages if message.message_id not in not_deleted
        ]
        self.show(self.result)


def _audit_row(message: DeadLetteredMessage, to: str, difference: str) -> dict[str, str]:
    row = {
        "to": to,
        "queue": message.queue.name,
        "format": message.format.value,
        "reason": message.reason,
        "event_id": message.label.id,
        "fact": message.label.type,
        "subject": message.label.subject,
        "schema": message.label.dataschema,
        "sent_at": message.sent_at.astimezone(UTC).isoformat(),
    }
    return {**row, **({"difference": difference} if difference else {})}
