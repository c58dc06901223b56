"""One dead letter, understood: how it came to be one, why, and what is in it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from cli.dlq.event_label import UNREADABLE, GivenUp, Label, given_up, label_of
from cli.dlq.queues import LetterBox

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

REDRIVEN = "redriven"
"""The attribute of a message that was put back: which action did it, and how often that has been done."""


class Format(StrEnum):
    """Who made it a dead letter; each has its own way to say why."""

    PARKED = "parked"
    """Ours, with a reason (docs/decisions/0008)."""
    QUEUE = "queue"
    """SQS, which gave up after too many receives."""
    RULE = "rule"
    """EventBridge, whose target did not take it."""
    SUBSCRIPTION = "subscription"
    """SNS, whose queue did not take it; raw, or in SNS's envelope."""
    STREAM = "stream"
    """Lambda, of a stream's records: without their content."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message in a dead-letter queue, and what it means."""

    box: LetterBox
    message_id: str
    receipt_handle: str
    body: str
    attributes: Mapping[str, str]
    format: Format
    label: Label
    given_up: GivenUp | None
    sent_at: datetime

    @property
    def reason(self) -> str:
        """Why it is here, as a code."""
        match self.format:
            case Format.PARKED:
                return self.attributes["reason"]
            case Format.RULE:
                return self.attributes["ERROR_CODE"]
            case Format.STREAM if self.given_up:
                return self.given_up.request.condition
            case Format.QUEUE:
                return "received_too_often"
            case Format.SUBSCRIPTION:
                return "not_delivered"
            case _:
                return UNREADABLE

    @property
    def redriven(self) -> int:
        """How often it has been put back before."""
        count = self.attributes.get(REDRIVEN, "").rpartition("/")[2]
        return int(count) if count.isdecimal() else 0


def letter(message: "MessageTypeDef", box: LetterBox) -> DeadLetter:
    """The message of that queue as a dead letter."""
    body, system = message["Body"], message.get("Attributes", {})
    attributes = {
        name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()
    }
    label, stream = label_of(body), given_up(body)
    return DeadLetter(
        box=box,
        message_id=message["MessageId"],
        receipt_handle=message["ReceiptHandle"],
        body=body,
        attributes=attributes,
        format=_format(attributes, set(system), is_event=label is not None, is_stream=stream is not None),
        label=label or Label(),
        given_up=stream,
        sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
    )


def _format(
    attributes: Mapping[str, str], system: Collection[str], *, is_event: bool, is_stream: bool
) -> Format:
    if {"reason", "error_class", "consumer"} <= set(attributes):
        return Format.PARKED
    if {"RULE_ARN", "TARGET_ARN", "ERROR_CODE"} <= set(attributes):
        return Format.RULE
    if "DeadLetterQueueSourceArn" in system:
        return Format.QUEUE
    if is_stream:
        return Format.STREAM
    return Format.SUBSCRIPTION if is_event else Format.UNKNOWN
