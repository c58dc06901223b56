"""The record of a queue's message in a function's event.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from typing import Any

from moto.sqs.models import Message

from pocketcloud.sqs.queues import SOURCE_ARN

_TRACE_HEADER = "AWSTraceHeader"


def queue_record(message: Message, queue_arn: str, region: str, *, window: bool) -> dict[str, Any]:
    """Return the record.

    Without message attributes, Lambda shows an empty digest for mappings with a batching window alone.
    """
    digest = message.attribute_md5 if message.message_attributes else None
    shown = {"md5OfMessageAttributes": digest} if window or digest else {}
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": _system_attributes(message),
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        **shown,
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }


def _system_attributes(message: Message) -> dict[str, str]:
    values = {
        "ApproximateReceiveCount": message.approximate_receive_count,
        _TRACE_HEADER: message.system_attributes.get(_TRACE_HEADER, {}).get("StringValue"),
        "SentTimestamp": message.sent_timestamp,
        "SequenceNumber": message.sequence_number,
        "MessageGroupId": message.group_id,
        "SenderId": message.sender_id,
        "MessageDeduplicationId": message.deduplication_id,
        "ApproximateFirstReceiveTimestamp": message.approximate_first_receive_timestamp,
        SOURCE_ARN: message.system_attributes.get(SOURCE_ARN, {}).get("StringValue"),
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    named = {"stringValue": value.get("StringValue"), "binaryValue": value.get("BinaryValue")}
    present = {name: content for name, content in named.items() if content is not None}
    return {**present, "stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
