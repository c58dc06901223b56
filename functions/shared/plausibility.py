"""What a well-formed event cannot be: from another account's bus, of tomorrow, or of last year.

The message's own words are the measure, never a clock of ours: SQS says when and where it took it.
"""

from datetime import UTC, datetime, timedelta

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.delivery import Delivery
from functions.shared.contracts.fact import StatedFact

SKEW = timedelta(minutes=5)
"""Clocks that differ by no more are in order."""
AHEAD = timedelta(hours=24)
"""How far a producer's clock may be ahead before what it says is no time at all."""
STREAM_RETENTION = timedelta(hours=24)
BUS_RETRIES = timedelta(hours=24)
TOPIC_RETRIES = timedelta(days=23)
"""https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html"""
QUEUE_RETENTION = timedelta(days=4)
DEAD_LETTER_RETENTION = timedelta(days=14)
REDRIVES = 2
"""How often a message may wait in a dead-letter queue for its whole retention and come again."""
LONGEST_JOURNEY = timedelta(days=90)
"""A message that is older when it arrives is rejected; all retries, queues and redrives take less."""
LONGEST_LIFE = AHEAD + LONGEST_JOURNEY + QUEUE_RETENTION
"""From the first time a message is handled to the last, at most.

The first may be early by the producer's clock, and the last arrives within the journey and then waits in its
queue. What a handler has to remember about a message is kept for longer than this.
"""


def refuse_stranger(delivery: Delivery, record: SQSRecord) -> None:
    """Our own facts come from our own bus; raises `Rejected` for one that came from elsewhere."""
    _, _, _, region, account, _ = record.event_source_arn.split(":", 5)
    is_ours = isinstance(delivery.event.fact, StatedFact)
    if is_ours and (delivery.account, delivery.region) != (account, region):
        raise Rejected("origin_unauthorised", "the event was put on a bus of another account or region")


def refuse_impossible_time(delivery: Delivery, record: SQSRecord) -> None:
    """Raises `Rejected` for a time that only a broken clock shows; a replayed event may be of any age."""
    ahead = _ahead(delivery, record)
    if ahead > AHEAD:
        raise Rejected("time_in_future", "its time is more than 24 hours ahead of its arrival")
    if -ahead > LONGEST_JOURNEY and not delivery.is_replayed:
        raise Rejected("time_in_past", "its time is more than 90 days before its arrival")


def is_skewed(delivery: Delivery, record: SQSRecord) -> bool:
    """Whether the producer's clock is noticeably ahead of SQS's."""
    return _ahead(delivery, record) > SKEW


def _ahead(delivery: Delivery, record: SQSRecord) -> timedelta:
    arrived = datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, tz=UTC)
    return delivery.event.time - arrived
