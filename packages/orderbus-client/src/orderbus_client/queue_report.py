"""The results of a batch, by message."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class MessageResult(StrEnum):
    """The result of one message."""

    REACTED = "reacted"
    DUPLICATE = "duplicate"
    """The event was processed before."""
    IGNORED = "ignored"
    """You gave no reaction for its type."""
    UNKNOWN = "unknown"
    """This package does not know its type: a newer producer; update the package to read it."""
    POISON = "poison"
    """It can never succeed. It comes again until SQS moves it to the dead-letter queue."""
    FAILED = "failed"
    """The reaction or the store raised; it comes again."""
    BUSY = "busy"
    """Another worker is at it; it comes again."""
    HELD_BACK = "held_back"
    """A message before it in its group comes again (queues with order only)."""


RETURNED = frozenset(
    {MessageResult.POISON, MessageResult.FAILED, MessageResult.BUSY, MessageResult.HELD_BACK}
)
"""The outcomes after which a message stays in the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReport:
    """A message's id and outcome; `reason` holds nothing of its content."""

    message_id: str
    outcome: MessageResult
    event_type: str = ""
    event_id: str = ""
    reason: str = ""
    error: Exception | None = None
    """The error of the reaction or the store."""

    @property
    def returns(self) -> bool:
        """Whether the message stays in the queue."""
        return self.outcome in RETURNED


@dataclass(frozen=True, slots=True)
class QueueReport:
    """One entry for each message, in the order of the batch."""

    messages: tuple[MessageReport, ...]

    def having(self, outcome: MessageResult) -> tuple[MessageReport, ...]:
        """Return the messages with that outcome."""
        return tuple(each for each in self.messages if each.outcome is outcome)

    def lambda_response(self) -> dict[str, list[dict[str, str]]]:
        """Return the response of a function; the event source mapping needs `ReportBatchItemFailures`.

        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
        """
        returned = [each.message_id for each in self.messages if each.returns]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in returned]}

    def counts(self) -> dict[str, int]:
        """Return the number of messages by outcome, for a metric or a log line."""
        outcomes: list[Any] = [each.outcome.value for each in self.messages]
        return {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))}
