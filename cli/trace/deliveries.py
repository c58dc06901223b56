"""An event's deliveries, one per function, and the services that have not handled it yet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.core.event_history import LoggedFact
from cli.trace.dead_letters import OrderDeadLetter
from cli.trace.log_search import LogEntry
from infrastructure.names import Names
from infrastructure.topology import consumers_of

SUCCESSES = frozenset({"order placed", "published", "handled", "ignored", "duplicate"})
"""Outcomes that are logged for a share of all traces; others are always logged."""
FINAL_OUTCOMES = frozenset({"handled", "ignored", "duplicate", "dead-lettered"})
"""Outcomes after which the message leaves the consumer's queue."""
REPEATS = frozenset({"retried", "duplicate"})
RELAY = "relay"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDelivery:
    """The log entries of one function about one event: the final one, and the number of others."""

    last: LogEntry
    others: Mapping[str, int]
    """The number of other entries by outcome."""

    def __str__(self) -> str:
        """Return the outcome, the function, the reason and the number of other entries."""
        entry = self.last
        again = "" if entry.receive_count in {"-", "1"} else f", received {entry.receive_count} times"
        reason = f": {entry.reason}" if entry.reason else ""
        return f"{entry.outcome} by {entry.function}{again}{reason}{self.repeated}"

    @property
    def repeated(self) -> str:
        """Return the other outcomes with their counts, as in ` (also: retried 4 times)`."""
        counted = ", ".join(f"{outcome} {_times(count)}" for outcome, count in self.others.items())
        return f" (also: {counted})" if counted else ""


def deliveries(entries: Sequence[LogEntry]) -> list[FunctionDelivery]:
    """Return one delivery per function, in the order of the first entries."""
    by_function: dict[str, list[LogEntry]] = {}
    for entry in entries:
        by_function.setdefault(entry.function, []).append(entry)
    return [_delivery(some) for some in by_function.values()]


def waiting_services(
    names: Names,
    facts: Sequence[LoggedFact],
    entries: Sequence[LogEntry],
    *,
    unreadable_logs: Sequence[str] = (),
    dead: Sequence[OrderDeadLetter] = (),
) -> dict[str, list[str]] | None:
    """Return the services yet to handle each event; None if this trace's successes are not logged."""
    if not any(entry.outcome in SUCCESSES for entry in entries):
        return None
    unreadable = {log.partition(":")[0] for log in unreadable_logs}
    by_event = {fact.id: _handled(fact, facts, entries, names) | _dead(fact, dead, names) for fact in facts}
    found = {}
    for fact in facts:
        done = by_event[fact.id]
        due = {service.name: names.function(service.name) for service in consumers_of(fact.type)}
        if names.relay not in unreadable and not done:
            due = {RELAY: names.relay}
        late = [name for name, function in due.items() if function not in done | unreadable]
        if late:
            found[fact.id] = late
    return found


def _delivery(entries: Sequence[LogEntry]) -> FunctionDelivery:
    final = [entry for entry in entries if entry.outcome not in REPEATS]
    last = (final or entries)[-1]
    return FunctionDelivery(
        last=last, others=Counter(entry.outcome for entry in entries if entry is not last)
    )


def _handled(
    fact: LoggedFact, facts: Sequence[LoggedFact], entries: Sequence[LogEntry], names: Names
) -> set[str]:
    """Return the functions that handled the event, by their logs or by a fact that it caused."""
    logged = {
        entry.function for entry in entries if entry.event_id == fact.id and entry.outcome in FINAL_OUTCOMES
    }
    published = {
        entry.function for entry in entries if entry.event_id == fact.id and entry.outcome == "published"
    }
    by_fact = {names.function(each.owner) for each in facts if each.causation_id == fact.id}
    return logged | published | by_fact


def _dead(fact: LoggedFact, dead: Sequence[OrderDeadLetter], names: Names) -> set[str]:
    queues = {each.queue for each in dead if each.event_id == fact.id}
    return {
        names.function(service.name)
        for service in consumers_of(fact.type)
        if names.dead_letter_queue(service.name) in queues
    }


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
