"""Send facts to one consumer's queue in the form of an EventBridge replay."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from cli.core.account import Account
from cli.core.event_log_reader import Row
from cli.replay.job import NotSentError
from cli.replay.request import ReplayConsumer
from cli.replay.retries import send_with_retries
from functions.shared.contracts.codec import read_envelope
from functions.shared.runtime.event_batches import batched

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

EVENTS_PER_REQUEST = 10
"""SQS's limit; `send` splits further by bytes."""
REPLAYED_BY = "replayed_by"
"""The message attribute with the sender's ARN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerQueue:
    """A consumer's queue with its region and account."""

    url: str
    region: str
    account: str

    @classmethod
    def named(cls, sqs: "SQSClient", name: str) -> "ConsumerQueue":
        """Return the queue of that name; raise AWS's error if there is none."""
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        _, _, _, region, account, _ = arn.split(":", 5)
        return cls(url=url, region=region, account=account)


def find_queue(account: Account, consumer: ReplayConsumer) -> ConsumerQueue | None:
    """Return the consumer's queue; None if it can only read the ordered stream.

    Raise AWS's error for any other consumer that the stage has not.
    """
    sqs, name = account.client("sqs"), account.names.queue(consumer.name)
    if consumer.stream_module:
        # Looked for in the list: nobody has a permission on a queue that the stage has not.
        urls = sqs.list_queues(QueueNamePrefix=name).get("QueueUrls", [])
        if name not in {url.rpartition("/")[2] for url in urls}:
            return None
    return ConsumerQueue.named(sqs, name)


@dataclass(kw_only=True)
class QueueFeed:
    """Sends the facts of one replay to a queue."""

    sqs: "SQSClient"
    queue: ConsumerQueue
    replay: str
    by: str
    sleep: Callable[[float], None]
    rejected: list[str] = field(default_factory=list)
    """Ids of events that SQS rejects for good."""

    def send(self, rows: Sequence[Row]) -> None:
        """Send the rows; raise `NotSentError` if SQS does not accept one after several attempts."""
        entries = [self._entry(number, row) for number, row in enumerate(rows)]
        for batch in batched(entries, _size):
            self._send(batch)

    def _send(self, batch: "Sequence[SendMessageBatchRequestEntryTypeDef]") -> None:
        pending = send_with_retries({entry["Id"]: entry for entry in batch}, self._attempt, self.sleep)
        if pending:
            raise NotSentError(f"SQS did not accept {len(pending)} of {len(batch)} messages.")

    def _attempt(
        self, pending: Mapping[str, "SendMessageBatchRequestEntryTypeDef"]
    ) -> dict[str, "SendMessageBatchRequestEntryTypeDef"]:
        """Send one request; return the entries to send again. A partial failure has HTTP status 200."""
        response = self.sqs.send_message_batch(QueueUrl=self.queue.url, Entries=list(pending.values()))
        failed = {}
        for failure in response.get("Failed", []):
            entry = pending[failure["Id"]]
            if failure["SenderFault"]:
                self.rejected.append(f"{json.loads(entry['MessageBody'])['id']}: {failure['Code']}")
            else:
                failed[failure["Id"]] = entry
        return failed

    def _entry(self, number: int, row: Row) -> "SendMessageBatchRequestEntryTypeDef":
        return {
            "Id": str(number),
            "MessageBody": bus_event(row["event"]["S"], replay=self.replay, queue=self.queue),
            "MessageAttributes": {REPLAYED_BY: {"DataType": "String", "StringValue": self.by}},
        }


def _size(entry: "SendMessageBatchRequestEntryTypeDef") -> int:
    """Return the entry's bytes as SQS counts them: the body, and each attribute's name, type and value.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
    """
    attributes = entry.get("MessageAttributes", {}).items()
    texts = [entry["MessageBody"]]
    for name, value in attributes:
        texts += [name, value["DataType"], value.get("StringValue", "")]
    return sum(len(text.encode()) for text in texts)


def bus_event(document: str, *, replay: str, queue: ConsumerQueue) -> str:
    """Return the fact as the order bus would deliver it; its detail is the log's own text.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
    """
    envelope = read_envelope(document)
    wrapper: dict[str, Any] = {
        "version": "0",
        "id": envelope.id,  # the bus event's own id is unknown; consumers use the detail's
        "detail-type": envelope.type,
        "source": envelope.source,
        "account": queue.account,
        "time": f"{envelope.timestamp.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": queue.region,
        "resources": [],
        "replay-name": replay,
    }
    return f'{json.dumps(wrapper, separators=(",", ":"))[:-1]},"detail":{document}}}'
