"""A received queue message: decoded once, and checked against the place and time of its arrival.

An event's time is compared with the time at which SQS took its message, never with a clock of ours.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from msgspec import Struct
from msgspec.structs import replace

from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.delivery import Delivery, Message, read_delivery, read_message
from functions.shared.contracts.fact import PublishedFact
from functions.shared.contracts.log_context import UNREADABLE
from functions.shared.runtime.environment import required
from functions.shared.runtime.message_ages import AHEAD, MAXIMUM_ARRIVAL_AGE, SKEW
from functions.shared.runtime.older_versions import check_last_day

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord


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


class Received(Struct, frozen=True):
    """A record of an SQS batch, and its decoded content."""

    record: "SQSRecord"
    message: Message

    @classmethod
    def of(cls, record: "SQSRecord") -> Self:
        """Decode the record; never raise."""
        return cls(record, read_message(record.body))

    def arrival(self) -> Arrival:
        """Return when and where SQS took the message."""
        return Arrival.sent(self.record.attributes.sent_timestamp, arn=self.record.event_source_arn)

    def is_last_receive(self) -> bool:
        """Return whether SQS would move the message to the dead-letter queue next, without a reason."""
        return int(self.record.attributes.approximate_receive_count) >= int(required("MAX_RECEIVE_COUNT"))

    def fact_name(self) -> str | None:
        """Return the name of the fact that the message claims to hold; None if it is unreadable."""
        schema = self.message.context.schema
        return None if schema == UNREADABLE else schema.split(":")[-2]

    def as_fields(self) -> dict[str, Any]:
        """Return the fields of a log line about the message."""
        return {
            **self.message.context.as_fields(),
            "message_id": self.record.message_id,
            "receive_count": self.record.attributes.approximate_receive_count,
        }


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
    check_last_day(delivery.event)
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
    """Return the delivery with the party that published it: another account, or a source of `also_from`."""
    is_owner = delivery.source == delivery.event.fact.owner
    if delivery.account == arrival.account and is_owner:
        return delivery
    event = replace(delivery.event, party=f"{delivery.account}:{delivery.source}")
    return replace(delivery, event=event)


def is_skewed(delivery: Delivery, arrival: Arrival) -> bool:
    """Return whether the producer's clock is noticeably ahead of SQS's."""
    return delivery.event.time - arrival.at > SKEW
