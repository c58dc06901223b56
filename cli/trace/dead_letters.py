"""The dead-lettered messages of one order, for its trace; SQS and SNS log none of them."""

from dataclasses import dataclass
from datetime import datetime

from cli.core.account import Account
from cli.dlq.message import DeadLetteredMessage
from cli.dlq.queues import dead_letter_queues
from cli.dlq.search import MessageSelection, search

MAX_MESSAGES = 1000
"""The maximum to search per queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeadLetter:
    """A dead-lettered message about the order."""

    event_id: str
    message_id: str
    queue: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeadLetters:
    """The messages found, and the components that were not searched completely."""

    messages: list[OrderDeadLetter]
    cut_short: list[str]
    in_flight: dict[str, int]
    """By component, the number of messages in flight, which were not searched."""


def dead_letters_of(account: Account, order_id: str, now: datetime) -> OrderDeadLetters:
    """Search every dead-letter queue; messages that another command is reading are in flight."""
    sqs = account.client("sqs")
    queues = dead_letter_queues(sqs, account.names)
    found = search(sqs, queues, MessageSelection(now=now, order=order_id), limit=MAX_MESSAGES)
    return OrderDeadLetters(
        messages=[_dead_letter(message) for message in found.messages],
        cut_short=list(found.cut_short),
        in_flight=dict(found.in_flight),
    )


def _dead_letter(message: DeadLetteredMessage) -> OrderDeadLetter:
    return OrderDeadLetter(
        event_id=message.label.id,
        message_id=message.message_id,
        queue=message.queue.url.rpartition("/")[2],
        reason=message.reason,
        at=message.sent_at,
    )
