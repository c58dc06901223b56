"""An event's deliveries to the functions that handle it, each once, and who has not handled it yet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.core.event_history import Stated
from cli.trace.dead_letters import Waiting
from cli.trace.log_search import Noted
from infrastructure.names import Names
from infrastructure.topology import consumers_of

SUCCESSES = frozenset({"placed", "published", "handled", "ignored", "duplicate"})
"""Outcomes that are logged for a share of all traces; the others always are."""
ENDS = frozenset({"handled", "ignored", "duplicate", "dead-lettered"})
"""Outcomes after which a consumer's queue has the message no more."""
REPEATS = frozenset({"retried", "duplicate"})
RELAY = "relay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one function noted on one event: what came of it in the end, and what else how often."""

    last: Noted
    others: Mapping[str, int]
    """Further notes, counted by their outcome."""

    def __str__(self) -> str:
        """Say the outcome, by which function, why, and how often anything else was noted."""
        note = self.last
        again = "" if note.receive_count in {"-", "1"} else f", received {note.receive_count} times"
        why = f": {note.reason}" if note.reason else ""
        return f"{note.outcome} by {note.function}{again}{why}{self.repeated}"

    @property
    def repeated(self) -> str:
        """The other outcomes with their counts, as in ` (also: retried 4 times)`."""
        counted = ", ".join(f"{outcome} {_times(count)}" for outcome, count in self.others.items())
        return f" (also: {counted})" if counted else ""


def deliveries(notes: Sequence[Noted]) -> list[Delivery]:
    """Return one delivery for each function, in the order of their first notes."""
    by_function: dict[str, list[Noted]] = {}
    for note in notes:
        by_function.setdefault(note.function, []).append(note)
    return [_delivery(some) for some in by_function.values()]


def waiting(
    names: Names,
    facts: Sequence[Stated],
    notes: Sequence[Noted],
    *,
    unreadable_logs: Sequence[str] = (),
    dead: Sequence[Waiting] = (),
) -> dict[str, list[str]] | None:
    """Return by event id who has yet to handle it; None where successes of this trace are not logged."""
    if not any(note.outcome in SUCCESSES for note in notes):
        return None
    silent = {log.partition(":")[0] for log in unreadable_logs}
    by_event = {fact.id: _handled(fact, facts, notes, names) | _dead(fact, dead, names) for fact in facts}
    found = {}
    for fact in facts:
        done = by_event[fact.id]
        due = {service.name: names.function(service.name) for service in consumers_of(fact.type)}
        if names.relay not in silent and not done:
            due = {RELAY: names.relay}
        late = [name for name, function in due.items() if function not in done | silent]
        if late:
            found[fact.id] = late
    return found


def _delivery(notes: Sequence[Noted]) -> Delivery:
    ends = [note for note in notes if note.outcome not in REPEATS]
    last = (ends or notes)[-1]
    return Delivery(last=last, others=Counter(note.outcome for note in notes if note is not last))


def _handled(fact: Stated, facts: Sequence[Stated], notes: Sequence[Noted], names: Names) -> set[str]:
    """The functions that have handled the event: by their logs, or by a fact that it led to."""
    noted = {note.function for note in notes if note.event_id == fact.id and note.outcome in ENDS}
    published = {note.function for note in notes if note.event_id == fact.id and note.outcome == "published"}
    led_to = {names.function(each.owner) for each in facts if each.causation_id == fact.id}
    return noted | published | led_to


def _dead(fact: Stated, dead: Sequence[Waiting], names: Names) -> set[str]:
    queues = {each.queue for each in dead if each.event_id == fact.id}
    return {
        names.function(service.name)
        for service in consumers_of(fact.type)
        if names.dead_letter_queue(service.name) in queues
    }


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
