"""Publish to an Orderbus, and consume its events from your own queue."""

from orderbus_client.consumer import EventConsumer
from orderbus_client.contracts.shared.envelope import Cause, Event
from orderbus_client.dynamodb_processed_events import DynamoDbProcessedEvents
from orderbus_client.new_event import new_event
from orderbus_client.polling import poll
from orderbus_client.processed_events import Claim, ClaimLostError, MemoryProcessedEvents, ProcessedEvents
from orderbus_client.publish_report import PublishedEvent, PublishReport, UnpublishedError, UnpublishedEvent
from orderbus_client.publisher import Publisher
from orderbus_client.queue_report import MessageReport, MessageResult, QueueReport
from orderbus_client.retry_policy import RetryPolicy

__all__ = [
    "Cause",
    "Claim",
    "ClaimLostError",
    "DynamoDbProcessedEvents",
    "Event",
    "EventConsumer",
    "MemoryProcessedEvents",
    "MessageReport",
    "MessageResult",
    "ProcessedEvents",
    "PublishReport",
    "PublishedEvent",
    "Publisher",
    "QueueReport",
    "RetryPolicy",
    "UnpublishedError",
    "UnpublishedEvent",
    "new_event",
    "poll",
]
