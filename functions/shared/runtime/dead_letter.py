"""Dead-lettering by the consumer: messages that can never succeed, with the reason as attributes."""

import json
import re

from functions.shared.runtime.clients import sqs
from functions.shared.runtime.environment import required
from functions.shared.runtime.failure import detail_of, reason_of
from functions.shared.runtime.received import Received

REDRIVEN = "redriven"
"""The attribute with which `orderbus dlq` marks a message that it redrives: its action, and how often."""
_MAXIMUM_ATTRIBUTE_CHARACTERS = 256
_UNPRINTABLE = dict.fromkeys((*range(32), 127), " ")
_NOT_ALLOWED_IN_SQS = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Compiled at its first use, which most invocations never come to.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""


def dead_letter(received: Received, failure: Exception, *, consumer: str) -> None:
    """Send the message, unchanged, to the dead-letter queue; raise if SQS does not take it."""
    record, context = received.record, received.message.context
    redriven = record.message_attributes[REDRIVEN]
    send_to_dead_letter_queue(
        record.body,
        reason=reason_of(failure),
        detail=detail_of(failure),
        error_class=type(failure).__name__,
        consumer=consumer,
        event_id=context.event_id,
        schema=context.schema,
        message_id=record.message_id,
        first_seen=record.attributes.approximate_first_receive_timestamp,
        receive_count=record.attributes.approximate_receive_count,
        # Show an operator that a redrive was tried before.
        **({REDRIVEN: redriven.string_value or ""} if redriven else {}),
    )


def send_to_dead_letter_queue(body: str, **attributes: str) -> None:
    """Send a body with at most ten attributes to the dead-letter queue; raise if SQS does not take it."""
    sqs().send_message(
        QueueUrl=required("DEAD_LETTER_QUEUE_URL"),
        MessageBody=_sendable(body),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": _bounded(value)} for name, value in attributes.items()
        },
    )


def _sendable(body: str) -> str:
    """Return the body, as a JSON string if it is empty or has characters that SQS does not allow."""
    return json.dumps(body) if not body or re.search(_NOT_ALLOWED_IN_SQS, body) else body


def _bounded(value: str) -> str:
    """Return the value short, printable and not empty: SQS allows no empty attribute."""
    return value[:_MAXIMUM_ATTRIBUTE_CHARACTERS].translate(_UNPRINTABLE) or "-"
