"""Looking before acting: which letters there are, which are meant, and what can be done with each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.dead_letters.hops import LetterBox
from ops.dead_letters.letter import DeadLetter
from ops.dead_letters.reading import reading
from ops.dead_letters.selection import Selection
from ops.dead_letters.ways_back import NoWayBackError, Way

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look at the queues has found; nothing was taken out."""

    letters: Sequence[DeadLetter]
    cut_short: Sequence[str]
    """The hops that have more than was looked at."""
    in_flight: Mapping[str, int]
    """By the hop, how many could not be looked at, as they are in somebody else's hands."""
    looked_at: int
    """How many were, those that are not meant included."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """Which letter is to go where, by its id, and which stay and why."""

    ways: dict[str, Way] = field(default_factory=dict)
    letters: list[DeadLetter] = field(default_factory=list)
    left: list[tuple[DeadLetter, str]] = field(default_factory=list)

    def boxes(self) -> Sequence[LetterBox]:
        """The queues that there is something to do in."""
        return tuple(dict.fromkeys(letter.box for letter in self.letters))


def look(
    sqs: "SQSClient",
    boxes: Iterable[LetterBox],
    selection: Selection,
    *,
    limit: int,
    said: Callable[[str], None] = lambda _: None,
) -> Found:
    """The letters that are meant, of at most `limit` in each queue."""
    letters: list[DeadLetter] = []
    cut_short = []
    in_flight = {}
    looked_at = 0
    for box in boxes:
        if box.is_empty:
            continue  # to make sure would take a second of polling for each of a dozen queues
        said(f"Looking at the dead letters of {box.hop.name} …")
        met = 0
        with reading(sqs, box) as queue:
            for batch in queue.batches(limit):
                met += len(batch)
                letters += filter(selection.takes, batch)
        looked_at += met
        if met >= limit or queue.is_cut_short:
            cut_short.append(box.hop.name)
        elif missed := min(box.in_flight, max(0, box.waiting + box.in_flight - met)):
            in_flight[box.hop.name] = missed
    return Found(letters=letters, cut_short=cut_short, in_flight=in_flight, looked_at=looked_at)


def plan(letters: Iterable[DeadLetter], way: Callable[[DeadLetter], Way]) -> Plan:
    """What to do with each; one that has no way stays."""
    made = Plan()
    for letter in letters:
        try:
            made.ways[letter.message_id] = way(letter)
        except NoWayBackError as reason:
            made.left.append((letter, str(reason)))
        else:
            made.letters.append(letter)
    return made
