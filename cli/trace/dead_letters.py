"""The dead letters of one order, for its trace: what the logs do not tell, as SQS and SNS write none."""

from dataclasses import dataclass
from datetime import datetime

from cli.core.account import Account
from cli.dlq.message import DeadLetteredMessage
from cli.dlq.queues import dead_letter_queues
from cli.dlq.search import MessageSelection, search

MOST = 1000
"""Of each queue; there are other ways to find one order among more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A dead letter about the order."""

    event_id: str
    message_id: str
    queue: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What was found, and the hops of which not everything was looked at."""

    waiting: list[Waiting]
    cut_short: list[str]
    in_flight: dict[str, int]
    """By the hop, how many somebody else has in hand."""


def letters_about(account: Account, order_id: str, now: datetime) -> Letters:
    """Looked for in every dead-letter queue; whoever else looks meanwhile finds the rest."""
    sqs = account.client("sqs")
    boxes = dead_letter_queues(sqs, account.names)
    found = search(sqs, boxes, MessageSelection(now=now, order=order_id), limit=MOST)
    return Letters(
        waiting=[_waiting(letter) for letter in found.messages],
        cut_short=list(found.cut_short),
        in_flight=dict(found.in_flight),
    )


def _waiting(letter: DeadLetteredMessage) -> Waiting:
    return Waiting(
        event_id=letter.label.id,
        message_id=letter.message_id,
        queue=letter.queue.url.rpartition("/")[2],
        reason=letter.reason,
        at=letter.sent_at,
    )
