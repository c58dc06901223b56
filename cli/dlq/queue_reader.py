"""Read a dead-letter queue without removing messages from it.

SQS has no way to look without receiving. A received message is invisible to other readers for a while and
visible again when the reading ends. If the reader is killed, the message returns by itself. A receive does
not count against a message, as a dead-letter queue has no redrive policy of its own.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from cli.dlq.message import DeadLetteredMessage, parse_message
from cli.dlq.queues import DeadLetterQueueStatus

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef,
        DeleteMessageBatchRequestEntryTypeDef,
    )

VISIBILITY_TIMEOUT_SECONDS = 300
LONG_POLL_SECONDS = 1
BATCH_SIZE = 10
"""SQS's limit of messages per request."""


@dataclass(slots=True, kw_only=True)
class QueueReader:
    """One pass over a queue."""

    sqs: "SQSClient"
    queue: DeadLetterQueueStatus
    is_incomplete: bool = False
    """Whether the pass ended before the end of the queue."""
    expected: int = 0
    """Messages that are worth a long poll. After them, one short poll looks for new messages."""
    _held: dict[str, DeadLetteredMessage] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def batches(self, limit: int) -> Iterator[list[DeadLetteredMessage]]:
        """Yield every message once, up to ten at a time and at most `limit`.

        A pass that outlasts the visibility timeout receives the first messages again, which hides them again
        and makes the later ones available. The pass ends when it has received as many messages again as it
        holds, without a new one.
        """
        repeated = 0
        while len(self._seen) < limit and (received := self._receive(limit - len(self._seen))):
            new = [each for each in received if each.message_id not in self._seen]
            self._seen.update(each.message_id for each in new)
            yield new
            repeated = 0 if new else repeated + len(received)
            if repeated > len(self._held):
                self.is_incomplete = True
                return

    def delete(self, messages: Sequence[DeadLetteredMessage]) -> list[DeadLetteredMessage]:
        """Delete the messages; return those that SQS did not delete."""
        remaining = []
        for batch in _batches(messages):
            entries: list[DeleteMessageBatchRequestEntryTypeDef] = [
                {"Id": str(n), "ReceiptHandle": each.receipt_handle} for n, each in enumerate(batch)
            ]
            response = self.sqs.delete_message_batch(QueueUrl=self.queue.url, Entries=entries)
            remaining += [batch[int(failed["Id"])] for failed in response.get("Failed", [])]
            for deleted in response.get("Successful", []):
                self._held.pop(batch[int(deleted["Id"])].message_id, None)
        return remaining

    def release(self) -> None:
        """Make the remaining messages visible; after a failed request they become visible by themselves."""
        for batch in _batches(list(self._held.values())):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
                {"Id": str(n), "ReceiptHandle": each.receipt_handle, "VisibilityTimeout": 0}
                for n, each in enumerate(batch)
            ]
            with suppress(ClientError, BotoCoreError):
                self.sqs.change_message_visibility_batch(QueueUrl=self.queue.url, Entries=entries)
        self._held.clear()

    def _receive(self, limit: int) -> list[DeadLetteredMessage]:
        response = self.sqs.receive_message(
            QueueUrl=self.queue.url,
            MaxNumberOfMessages=min(limit, BATCH_SIZE),
            VisibilityTimeout=VISIBILITY_TIMEOUT_SECONDS,
            # A long poll asks all of SQS's servers, and waits a second if there is no message.
            WaitTimeSeconds=LONG_POLL_SECONDS if len(self._seen) < self.expected else 0,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        received = [parse_message(message, self.queue) for message in response.get("Messages", [])]
        self._held.update({each.message_id: each for each in received})
        return received


@contextmanager
def reading(
    sqs: "SQSClient", queue: DeadLetterQueueStatus, *, expected: int | None = None
) -> Iterator[QueueReader]:
    """Yield a pass over the queue, and release its messages at the end.

    By default, `expected` is the number of messages that SQS has counted.
    """
    reader = QueueReader(sqs=sqs, queue=queue, expected=queue.waiting if expected is None else expected)
    try:
        yield reader
    finally:
        reader.release()


def _batches(messages: Sequence[DeadLetteredMessage]) -> Iterator[Sequence[DeadLetteredMessage]]:
    for start in range(0, len(messages), BATCH_SIZE):
        yield messages[start : start + BATCH_SIZE]
