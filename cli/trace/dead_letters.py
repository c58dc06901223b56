"""The dead letters of one order, for its trace: what the logs do not tell, as SQS and SNS write none."""

from dataclasses import dataclass
from datetime import datetime

from cli.core.account import Account
from cli.dlq.message import DeadLetter
from cli.dlq.queues import letter_boxes
from cli.dlq.search import look
from cli.dlq.selection import Selection

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
    boxes = letter_boxes(sqs, account.names)
    found = look(sqs, boxes, Selection(now=now, order=order_id), limit=MOST)
    return Letters(
        waiting=[_waiting(letter) for letter in found.letters],
        cut_short=list(found.cut_short),
        in_flight=dict(found.in_flight),
    )


def _waiting(letter: DeadLetter) -> Waiting:
    return Waiting(
        event_id=letter.label.id,
        message_id=letter.message_id,
        queue=letter.box.url.rpartition("/")[2],
        reason=letter.reason,
        at=letter.sent_at,
    )
