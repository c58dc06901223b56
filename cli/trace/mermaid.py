"""A trace as a Mermaid sequence diagram."""

import re
from collections.abc import Iterator

from cli.core.event_history import LoggedFact
from cli.core.terminal_text import escaped
from cli.trace.deliveries import deliveries
from cli.trace.trace import Trace

OUTSIDE = "outside"
ARROWS = {
    "ignored": "-->>",
    "handled": "-->>",
    "duplicate": "-->>",
    "retried": "--)",
    "dead-lettered": "--x",
    "not dead-lettered": "--x",
}
ENTITIES = {ord(character): f"#{ord(character)};" for character in '#;"<>{}'}
"""Mermaid's entity codes of the characters with a meaning in a diagram or in HTML.

https://mermaid.js.org/syntax/sequenceDiagram.html#entity-codes-to-escape-characters
"""


def mermaid(trace: Trace) -> str:
    """Return a sequence diagram (https://mermaid.js.org/syntax/sequenceDiagram.html)."""
    return "\n".join(("sequenceDiagram", *(f"    {line}" for line in _lines(trace)), ""))


def _lines(trace: Trace) -> Iterator[str]:
    by_id = {fact.id: fact for fact in trace.facts}
    yield f"participant {OUTSIDE}"
    for owner in dict.fromkeys(fact.owner for fact in trace.facts):
        yield f"participant {_participant(owner)}"
    drawn: set[tuple[str, str]] = set()
    for fact in trace.facts:
        if (fact.causation_id, fact.owner) not in drawn:
            drawn.add((fact.causation_id, fact.owner))
            yield _cause(trace, fact, by_id.get(fact.causation_id))
        over = f"Note over {_participant(fact.owner)}: "
        yield f"{over}{_label(fact.type)}{f' ({_label(fact.reason)})' if fact.reason else ''}"
        yield from _without_effect(trace, fact)
        for dead in trace.dead_letters_of(fact.id):
            yield over + _label(f"{fact.type} is dead-lettered in {dead.queue}, {dead.reason}")
        if late := trace.waiting_services(fact.id):
            yield over + _label(f"{fact.type} is waiting for: {', '.join(late)}")


def _cause(trace: Trace, fact: LoggedFact, cause: LoggedFact | None) -> str:
    """Return the delivery that caused the fact, and its other outcomes."""
    others = [
        each.repeated
        for each in deliveries(trace.entries_on(fact.causation_id))
        if each.last.service == fact.owner
    ]
    sender, message = (cause.owner, cause.type) if cause else (OUTSIDE, "request or event")
    return f"{_participant(sender)}->>{_participant(fact.owner)}: {_label(message + ''.join(others))}"


def _without_effect(trace: Trace, fact: LoggedFact) -> Iterator[str]:
    """Yield the deliveries that caused no fact; the others have an arrow of their own."""
    acted = {each.owner for each in trace.caused_by(fact.id)}
    for delivery in deliveries(trace.entries_on(fact.id)):
        outcome = delivery.last.outcome
        if outcome in ARROWS and delivery.last.service not in acted:
            label = f"{fact.type}, {outcome} {delivery.last.reason}".rstrip() + delivery.repeated
            receiver = _participant(delivery.last.service)
            yield f"{_participant(fact.owner)}{ARROWS[outcome]}{receiver}: {_label(label)}"


def _label(text: str) -> str:
    return escaped(text).translate(ENTITIES)


def _participant(name: str) -> str:
    """Return the name without special characters; `end` is a keyword of Mermaid."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return f"{plain}_" if plain == "end" else plain
