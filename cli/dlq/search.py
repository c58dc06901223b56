"""Looking before acting: which letters there are, which are meant, and what can be done with each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.dlq.destinations import NoWayBackError, Way
from cli.dlq.message import DeadLetter
from cli.dlq.queue_reader import reading
from cli.dlq.queues import AT_ONCE, LetterBox, counted
from cli.dlq.selection import Selection

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
    # An empty queue is skipped: to make sure would take a request for each of a dozen queues.
    full = [box for box in boxes if not box.is_empty]
    said(f"Looking at the dead letters of {', '.join(box.hop.name for box in full)} …")
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        looks = list(pool.map(lambda box: _look_into(sqs, box, selection, limit), full))
    return Found(
        letters=[letter for each in looks for letter in each.letters],
        cut_short=[hop for each in looks for hop in each.cut_short],
        in_flight={hop: count for each in looks for hop, count in each.in_flight.items()},
        looked_at=sum(each.looked_at for each in looks),
    )


def _look_into(sqs: "SQSClient", box: LetterBox, selection: Selection, limit: int) -> Found:
    letters: list[DeadLetter] = []
    met = missed = 0
    with reading(sqs, box) as queue:
        for batch in queue.batches(limit):
            met += len(batch)
            letters += filter(selection.takes, batch)
        is_cut_short = met >= limit or queue.is_cut_short
        if not is_cut_short:
            missed = _missed(sqs, box, met)
    name = box.hop.name
    return Found(
        letters=letters,
        cut_short=[name] if is_cut_short else [],
        in_flight={name: missed} if missed else {},
        looked_at=met,
    )


def _missed(sqs: "SQSClient", box: LetterBox, met: int) -> int:
    """Return how many messages others hold; SQS counts again where fewer came than it had counted."""
    if met >= box.waiting:
        return max(0, min(box.in_flight, box.waiting + box.in_flight - met))
    now = counted(sqs, box)
    return max(0, now.waiting + now.in_flight - met)  # those in hand here are in flight as well


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
