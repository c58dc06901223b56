"""A trace as a sequence diagram, to be put into a document."""

import re
from collections.abc import Iterator

from cli.core.event_history import Stated
from cli.core.terminal_text import escaped
from cli.trace.deliveries import Delivery, deliveries
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
"""Characters with a meaning in a diagram or in HTML, as Mermaid's entity codes.

https://mermaid.js.org/syntax/sequenceDiagram.html#entity-codes-to-escape-characters
"""


def mermaid(trace: Trace) -> str:
    """A sequence diagram (https://mermaid.js.org/syntax/sequenceDiagram.html)."""
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
        yield from _unanswered(trace, fact)
        for letter in trace.waiting_with(fact.id):
            words = f"{fact.type} is a dead letter in {letter.queue}, {letter.reason}"
            yield f"{over}{_label(words)}"
        if late := trace.unhandled(fact.id):
            yield over + _label(f"{fact.type} is waiting for: {', '.join(late)}")


def _cause(trace: Trace, fact: Stated, cause: Stated | None) -> str:
    """The delivery that led to the fact, and what else came of that delivery."""
    others = [
        each.repeated
        for each in deliveries(trace.notes_on(fact.causation_id))
        if _service(each) == fact.owner
    ]
    sender, message = (cause.owner, cause.type) if cause else (OUTSIDE, "request or event")
    return f"{_participant(sender)}->>{_participant(fact.owner)}: {_label(message + ''.join(others))}"


def _unanswered(trace: Trace, fact: Stated) -> Iterator[str]:
    """The deliveries of the fact that led to no other fact: each of those has an arrow of its own."""
    led_to = {each.owner for each in trace.led_to_by(fact.id)}
    for delivery in deliveries(trace.notes_on(fact.id)):
        outcome = delivery.last.outcome
        if outcome in ARROWS and _service(delivery) not in led_to:
            words = f"{fact.type}, {outcome} {delivery.last.reason}".rstrip() + delivery.repeated
            receiver = _participant(_service(delivery))
            yield f"{_participant(fact.owner)}{ARROWS[outcome]}{receiver}: {_label(words)}"


def _label(text: str) -> str:
    return escaped(text).translate(ENTITIES)


def _participant(name: str) -> str:
    """The name as one that ends no statement; `end` is a word of Mermaid's."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return f"{plain}_" if plain == "end" else plain


def _service(delivery: Delivery) -> str:
    """The function's name without its stage: `orderbus-dev-payments` is payments."""
    return delivery.last.function.split("-", 2)[2]
