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
LONGEST_JOURNEY = timedelta(days=90)
"""Longer than all retries and queues together: 24 hours, 23 days, 4 days, 14 days, and redriven twice."""


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
