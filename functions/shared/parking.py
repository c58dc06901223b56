"""Setting a hopeless message aside: into its consumer's dead-letter queue, with the reason on it."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.shared.clients import sqs
from functions.shared.contracts.codec import Rejected
from functions.shared.environment import required

_MAXIMUM_ATTRIBUTE = 256
_UNPRINTABLE = dict.fromkeys((*range(32), 127), " ")


def park(record: SQSRecord, failure: Exception, *, consumer: str) -> None:
    """The message, as it came, in the dead-letter queue; raises if SQS does not take it."""
    reason = failure.code if isinstance(failure, Rejected) else "reaction_failed"
    attributes = {
        "reason": reason,
        "detail": str(failure),
        "error_class": type(failure).__name__,
        "consumer": consumer,
        "message_id": record.message_id,
        "receive_count": record.attributes.approximate_receive_count,
        "first_received": record.attributes.approximate_first_receive_timestamp,
    }
    sqs().send_message(
        QueueUrl=required("DEAD_LETTER_QUEUE_URL"),
        MessageBody=record.body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": _bounded(value)} for name, value in attributes.items()
        },
    )


def _bounded(value: str) -> str:
    """Short and printable, as SQS wants it and a log line needs it; SQS refuses an empty one."""
    return value[:_MAXIMUM_ATTRIBUTE].translate(_UNPRINTABLE) or "-"
