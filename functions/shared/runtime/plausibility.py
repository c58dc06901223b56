"""Checks of a delivery: where and when its event was published, and whether its fact contradicts itself.

An event's time is compared with the time at which SQS took its message, never with a clock of ours.
"""

from datetime import UTC, datetime, timedelta
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.delivery import Delivery, read_delivery
from functions.shared.contracts.fact import PublishedFact

SKEW = timedelta(minutes=5)
"""Clocks may differ by this much."""
AHEAD = timedelta(hours=24)
"""How far a producer's clock may be ahead."""
STREAM_RETENTION = timedelta(hours=24)
BUS_RETRIES = timedelta(hours=24)
TOPIC_RETRIES = timedelta(days=23)
"""https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html"""
QUEUE_RETENTION = timedelta(days=4)
DEAD_LETTER_RETENTION = timedelta(days=14)
REDRIVES = 2
"""How often a message may stay in a dead-letter queue for its whole retention and be redriven."""
MAXIMUM_ARRIVAL_AGE = timedelta(days=90)
"""A message that is older when it arrives is rejected, so every record must last longer.

All retries, a consumer's queue and its redrives take less. Only a message that also waits for most of its
retention in another dead-letter queue on its way (the relay's, a rule's, a subscription's) may take longer.
It is kept in the last one as `time_in_past`, for `orderbus replay`.
"""
MAXIMUM_EVENT_AGE = AHEAD + MAXIMUM_ARRIVAL_AGE + QUEUE_RETENTION
"""The longest time from the first handling of a message to the last.

The first may be early by the producer's clock, and the last arrives within the journey and then waits in its
queue. Handlers remember messages for longer than this.
"""


class Arrival(Struct, frozen=True, kw_only=True):
    """When a queue took a message, and the account and region of that queue."""

    at: datetime
    account: str
    region: str

    @classmethod
    def in_queue(cls, arn: str, *, at: datetime) -> Self:
        """Return the arrival in the queue with this ARN."""
        _, _, _, region, account, _ = arn.split(":", 5)
        return cls(at=at, account=account, region=region)

    @classmethod
    def sent(cls, milliseconds: str, *, arn: str) -> Self:
        """Return the arrival by a message's `SentTimestamp`."""
        return cls.in_queue(arn, at=datetime.fromtimestamp(int(milliseconds) / 1000, tz=UTC))


def check_message(body: str | bytes, arrival: Arrival) -> Delivery:
    """Return the delivery in a message that a consumer would accept, as far as its tables allow.

    Raises:
        Rejected: no consumer can ever handle the message; the code is the reason.
        UnknownFactError: this version does not know its type.
    """
    return check_delivery(read_delivery(body), arrival)


def check_delivery(delivery: Delivery, arrival: Arrival) -> Delivery:
    """Return the delivery with its party; raise `Rejected` if no consumer can ever handle it."""
    check_origin(delivery, arrival)
    check_time(delivery.event.time, arrival.at, is_replayed=delivery.is_replayed)
    delivery.event.fact.check()
    return _attributed(delivery, arrival)


def check_origin(delivery: Delivery, arrival: Arrival) -> None:
    """Raise `Rejected` for a fact of ours from another bus than our own, and for any from no account."""
    if not delivery.account:
        raise Rejected("origin_unauthorised", "the bus event names no account")
    is_ours = isinstance(delivery.event.fact, PublishedFact)
    if is_ours and (delivery.account, delivery.region) != (arrival.account, arrival.region):
        raise Rejected("origin_unauthorised", "the event was put on a bus of another account or region")


def check_time(time: datetime, arrived: datetime, *, is_replayed: bool = False) -> None:
    """Raise `Rejected` for a time that only a broken clock shows; a replayed event may be of any age."""
    if time - arrived > AHEAD:
        raise Rejected("time_in_future", "its time is more than 24 hours ahead of its arrival")
    if arrived - time > MAXIMUM_ARRIVAL_AGE and not is_replayed:
        raise Rejected("time_in_past", "its time is more than 90 days before its arrival")


def _attributed(delivery: Delivery, arrival: Arrival) -> Delivery:
    """Return the delivery with the party that published it, if that is not our own account."""
    if delivery.account == arrival.account:
        return delivery
    event = replace(delivery.event, party=f"{delivery.account}:{delivery.event.fact.owner}")
    return replace(delivery, event=event)


def is_skewed(delivery: Delivery, arrival: Arrival) -> bool:
    """Return whether the producer's clock is noticeably ahead of SQS's."""
    return delivery.event.time - arrival.at > SKEW
