"""A dead-lettered message: how it was dead-lettered, why, and what it contains."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from cli.dlq.discarded_batch import DiscardedBatch, discarded_batch
from cli.dlq.event_label import UNREADABLE, Label, label_of
from cli.dlq.queues import DeadLetterQueueStatus

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

REDRIVEN = "redriven"
"""The attribute of a redriven message: the id of the action, and the number of redrives."""


class Format(StrEnum):
    """The sender of a dead-lettered message; each reports the reason in its own way."""

    CONSUMER = "dead-lettered"
    """Our consumer, with a reason (docs/decisions/0008)."""
    QUEUE = "queue"
    """SQS, after too many receives."""
    RULE = "rule"
    """EventBridge, when it could not deliver to the target."""
    SUBSCRIPTION = "subscription"
    """SNS, when it could not deliver to the queue; raw, or in SNS's envelope."""
    STREAM = "stream"
    """Lambda, for records of a stream or a topic; without their content."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetteredMessage:
    """A message in a dead-letter queue, parsed."""

    queue: DeadLetterQueueStatus
    message_id: str
    receipt_handle: str
    body: str
    attributes: Mapping[str, str]
    format: Format
    label: Label
    discarded: DiscardedBatch | None
    sent_at: datetime

    @property
    def reason(self) -> str:
        """The code of the failure."""
        match self.format:
            case Format.CONSUMER:
                return self.attributes["reason"]
            case Format.RULE:
                return self.attributes["ERROR_CODE"]
            case Format.STREAM if self.discarded:
                return self.discarded.request.condition
            case Format.QUEUE:
                return "received_too_often"
            case Format.SUBSCRIPTION:
                return "not_delivered"
            case _:
                return UNREADABLE

    @property
    def redriven(self) -> int:
        """The number of earlier redrives."""
        count = self.attributes.get(REDRIVEN, "").rpartition("/")[2]
        return int(count) if count.isdecimal() else 0


def parse_message(message: "MessageTypeDef", queue: DeadLetterQueueStatus) -> DeadLetteredMessage:
    """Parse a message of SQS from that queue."""
    body, system = message["Body"], message.get("Attributes", {})
    attributes = {
        name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()
    }
    label, batch = label_of(body), discarded_batch(body)
    return DeadLetteredMessage(
        queue=queue,
        message_id=message["MessageId"],
        receipt_handle=message["ReceiptHandle"],
        body=body,
        attributes=attributes,
        format=_format(attributes, set(system), is_event=label is not None, is_stream=batch is not None),
        label=label or Label(),
        discarded=batch,
        sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
    )


def _format(
    attributes: Mapping[str, str], system: Collection[str], *, is_event: bool, is_stream: bool
) -> Format:
    if {"reason", "error_class", "consumer"} <= set(attributes):
        return Format.CONSUMER
    if {"RULE_ARN", "TARGET_ARN", "ERROR_CODE"} <= set(attributes):
        return Format.RULE
    if "DeadLetterQueueSourceArn" in system:
        return Format.QUEUE
    if is_stream:
        return Format.STREAM
    return Format.SUBSCRIPTION if is_event else Format.UNKNOWN
