"""Facts into one consumer's queue, each as EventBridge would have delivered it in a replay."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from cli.core.event_log_reader import Row
from cli.replay.sender import NotTakenError
from functions.shared.contracts.codec import read_envelope
from functions.shared.runtime.event_batches import batched

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

AT_ONCE = 10
"""Events at most of one request; `send` splits them further by bytes."""
TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 20.0
"""Seconds before those that SQS did not take are sent again."""
REPLAYED_BY = "replayed_by"
"""The message attribute that says who sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A consumer's queue, and where it is."""

    url: str
    region: str
    account: str

    @classmethod
    def named(cls, sqs: "SQSClient", name: str) -> "Queue":
        """The queue of that name; AWS's refusal where there is none."""
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        _, _, _, region, account, _ = arn.split(":", 5)
        return cls(url=url, region=region, account=account)


@dataclass(kw_only=True)
class QueueFeed:
    """One replay's way into a queue."""

    sqs: "SQSClient"
    queue: Queue
    replay: str
    by: str
    sleep: Callable[[float], None]
    refused: list[str] = field(default_factory=list)
    """Ids of events that SQS says can never be a message."""

    def send(self, rows: Sequence[Row]) -> None:
        """Send the rows, each until SQS has it; raises `NotTakenError` where it will not have it now."""
        entries = [self._entry(number, row) for number, row in enumerate(rows)]
        for batch in batched(entries, _size):
            self._send(batch)

    def _send(self, batch: "Sequence[SendMessageBatchRequestEntryTypeDef]") -> None:
        pending = {entry["Id"]: entry for entry in batch}
        for attempt in range(TRIES):
            if attempt:
                self.sleep(min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt))
            pending = self._try(pending)
            if not pending:
                return
        raise NotTakenError(f"SQS did not take {len(pending)} of {len(batch)} messages.")

    def _try(
        self, pending: Mapping[str, "SendMessageBatchRequestEntryTypeDef"]
    ) -> dict[str, "SendMessageBatchRequestEntryTypeDef"]:
        """One request; answers what is to be sent again. A partial failure is a success to HTTP."""
        answer = self.sqs.send_message_batch(QueueUrl=self.queue.url, Entries=list(pending.values()))
        again = {}
        for failure in answer.get("Failed", []):
            entry = pending[failure["Id"]]
            if failure["SenderFault"]:
                self.refused.append(f"{json.loads(entry['MessageBody'])['id']}: {failure['Code']}")
            else:
                again[failure["Id"]] = entry
        return again

    def _entry(self, number: int, row: Row) -> "SendMessageBatchRequestEntryTypeDef":
        return {
            "Id": str(number),
            "MessageBody": bus_event(row["event"]["S"], replay=self.replay, queue=self.queue),
            "MessageAttributes": {REPLAYED_BY: {"DataType": "String", "StringValue": self.by}},
        }


def _size(entry: "SendMessageBatchRequestEntryTypeDef") -> int:
    """The entry's bytes as SQS counts them: the body, and each attribute's name, type and value.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
    """
    attributes = entry.get("MessageAttributes", {}).items()
    texts = [entry["MessageBody"]]
    for name, value in attributes:
        texts += [name, value["DataType"], value.get("StringValue", "")]
    return sum(len(text.encode()) for text in texts)


def bus_event(document: str, *, replay: str, queue: Queue) -> str:
    """The fact as the order bus would have delivered it; its detail is the log's own text.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
    """
    envelope = read_envelope(document)
    wrapper: dict[str, Any] = {
        "version": "0",
        "id": envelope.id,  # the bus's own is known to nobody; what de-duplicates is the detail's
        "detail-type": envelope.type,
        "source": envelope.source,
        "account": queue.account,
        "time": f"{envelope.timestamp.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": queue.region,
        "resources": [],
        "replay-name": replay,
    }
    return f'{json.dumps(wrapper, separators=(",", ":"))[:-1]},"detail":{document}}}'
