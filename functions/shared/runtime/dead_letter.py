"""Setting a hopeless message aside: into its consumer's dead-letter queue, with the reason on it."""

import json
import re

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.shared.contracts.delivery import labels_of
from functions.shared.runtime.clients import sqs
from functions.shared.runtime.environment import required
from functions.shared.runtime.failure import detail_of, reason_of

REDRIVEN = "redriven"
"""What `orderbus dlq` writes on a message that it puts back: its action, and how often that was done."""
_MAXIMUM_ATTRIBUTE = 256
_UNPRINTABLE = dict.fromkeys((*range(32), 127), " ")
_NO_MESSAGE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


def dead_letter(record: SQSRecord, failure: Exception, *, consumer: str) -> None:
    """The message, as it came, in the dead-letter queue; raises if SQS does not take it."""
    event_id, schema = labels_of(record.body)
    redriven = record.message_attributes[REDRIVEN]
    send_to_dead_letter_queue(
        record.body,
        reason=reason_of(failure),
        detail=detail_of(failure),
        error_class=type(failure).__name__,
        consumer=consumer,
        event_id=event_id,
        schema=schema,
        message_id=record.message_id,
        first_seen=record.attributes.approximate_first_receive_timestamp,
        receive_count=record.attributes.approximate_receive_count,
        # So that somebody who puts it back again sees that it has been tried.
        **({REDRIVEN: redriven.string_value or ""} if redriven else {}),
    )


def send_to_dead_letter_queue(body: str, **attributes: str) -> None:
    """A body in the dead-letter queue with these attributes, at most ten; raises if SQS does not take it."""
    sqs().send_message(
        QueueUrl=required("DEAD_LETTER_QUEUE_URL"),
        MessageBody=_sendable(body),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": _bounded(value)} for name, value in attributes.items()
        },
    )


def _sendable(body: str) -> str:
    """The body itself, or as JSON where it is empty or has characters that SQS refuses."""
    return json.dumps(body) if not body or _NO_MESSAGE.search(body) else body


def _bounded(value: str) -> str:
    """Short and printable, as SQS wants it and a log line needs it; SQS refuses an empty one."""
    return value[:_MAXIMUM_ATTRIBUTE].translate(_UNPRINTABLE) or "-"
