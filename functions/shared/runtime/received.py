"""A received queue message: decoded once, for its reaction, its logs, its metrics and its dead-lettering."""

from typing import Any, Self

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from msgspec import Struct

from functions.shared.contracts.delivery import Message, read_message
from functions.shared.contracts.log_context import UNREADABLE
from functions.shared.runtime.environment import required
from functions.shared.runtime.plausibility import Arrival


class Received(Struct, frozen=True):
    """A record of an SQS batch, and its decoded content."""

    record: SQSRecord
    message: Message

    @classmethod
    def of(cls, record: SQSRecord) -> Self:
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
