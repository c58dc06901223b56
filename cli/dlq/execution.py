"""A plan carried out: each letter sent, then written down, then deleted; in this order, and checked.

Interrupted anywhere, every letter is still in its dead-letter queue or safely where it was to go, or in both:
then it arrives a second time, which changes nothing, as one decision is one transaction. To go on, the same
command is run again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.core.audit import Trail
from cli.dlq.message import DeadLetter
from cli.dlq.queue_reader import Reading, reading
from cli.dlq.queues import LetterBox
from cli.dlq.search import Plan

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

EVERYTHING = 120_000
"""More letters than these SQS does not hand out before some are deleted or back."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a plan's letters, by their ids."""

    done: list[str] = field(default_factory=list)
    not_deleted: list[str] = field(default_factory=list)
    """Done, and in the dead-letter queue still."""
    not_met: list[str] = field(default_factory=list)
    """Somebody else has them in hand, or has dealt with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryingOut:
    """One action on the way."""

    sqs: "SQSClient"
    plan: Plan
    trail: Trail
    pause: Callable[[], None]
    """Between two letters, so that no consumer is flooded."""
    said: Callable[[Outcome], None]
    difference: str = ""
    outcome: Outcome = field(default_factory=Outcome)

    def run(self) -> Outcome:
        """Do it; raises what AWS refuses, after what was done before is accounted for."""
        for box in self.plan.boxes():
            self._clear(box)
        met = {*self.outcome.done, *self.outcome.not_deleted}
        self.outcome.not_met += [
            letter.message_id for letter in self.plan.letters if letter.message_id not in met
        ]
        return self.outcome

    def _clear(self, box: LetterBox) -> None:
        open_ = {letter.message_id for letter in self.plan.letters if letter.box == box}
        with reading(self.sqs, box, expected=EVERYTHING) as queue:
            for batch in queue.batches(EVERYTHING):
                # A letter that comes back while this runs is none of the plan's: it waits for the next.
                planned = [letter for letter in batch if letter.message_id in open_]
                open_ -= {letter.message_id for letter in planned}
                self._settle(queue, planned)
                if not open_:
                    return

    def _settle(self, queue: Reading, letters: list[DeadLetter]) -> None:
        """Send them; and whatever stops that, delete those that were sent."""
        sent: list[DeadLetter] = []
        try:
            for letter in letters:
                self._send(letter)
                sent.append(letter)
                self.pause()
        finally:
            self._delete(queue, sent)

    def _send(self, letter: DeadLetter) -> None:
        way = self.plan.ways[letter.message_id]
        way.send(letter, f"{self.trail.action.id}/{letter.redriven + 1}")
        self.trail.note(letter, to=way.to, difference=self.difference)

    def _delete(self, queue: Reading, letters: list[DeadLetter]) -> None:
        """Take out what was sent; it is counted as done where SQS has confirmed that."""
        stay = {letter.message_id for letter in queue.delete(letters)}
        self.outcome.not_deleted += sorted(stay)
        self.outcome.done += [letter.message_id for letter in letters if letter.message_id not in stay]
        self.said(self.outcome)
