"""Consumption of a queue without Lambda."""

from typing import TYPE_CHECKING, Any

from orderbus_client.consumer import EventConsumer
from orderbus_client.queue_report import QueueReport

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef

MAXIMUM_MESSAGES = 10


def poll(
    client: "SQSClient", queue_url: str, consumer: EventConsumer, *, wait_seconds: int = 20
) -> QueueReport:
    """Receive a batch, process it, and delete the messages that are done; return the result of each.

    A message that SQS fails to delete comes again, as a duplicate.
    """
    response = client.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=MAXIMUM_MESSAGES,
        WaitTimeSeconds=wait_seconds,
        MessageSystemAttributeNames=["All"],
    )
    messages: list[Any] = list(response.get("Messages", []))
    report = consumer.handle({"Records": [_record(message, queue_url) for message in messages]})
    done: list[DeleteMessageBatchRequestEntryTypeDef] = [
        {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
        for place, (message, outcome) in enumerate(zip(messages, report.messages, strict=True))
        if not outcome.returns
    ]
    if done:
        client.delete_message_batch(QueueUrl=queue_url, Entries=done)
    return report


def _record(message: dict[str, Any], queue_url: str) -> dict[str, Any]:
    """Return the message as Lambda passes it."""
    return {
        "messageId": message["MessageId"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "eventSourceARN": queue_url,
    }
