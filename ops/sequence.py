"""A trace as a sequence diagram, to be put into a document."""

from collections.abc import Iterator

from ops.log_search import Noted
from ops.trace import Trace

OUTSIDE = "outside"
ARROWS = {
    "ignored": "-->>",
    "handled": "-->>",
    "duplicate": "-->>",
    "retried": "--)",
    "parked": "--x",
    "not parked": "--x",
}


def mermaid(trace: Trace) -> str:
    """A sequence diagram (https://mermaid.js.org/syntax/sequenceDiagram.html)."""
    return "\n".join(("sequenceDiagram", *(f"    {line}" for line in _lines(trace)), ""))


def _lines(trace: Trace) -> Iterator[str]:
    by_id = {fact.id: fact for fact in trace.facts}
    yield f"participant {OUTSIDE}"
    for owner in dict.fromkeys(fact.owner for fact in trace.facts):
        yield f"participant {owner}"
    for fact in trace.facts:
        cause = by_id.get(fact.causation_id)
        sender, message = (cause.owner, cause.type) if cause else (OUTSIDE, "request or event")
        yield f"{sender}->>{fact.owner}: {message}"
        yield f"Note over {fact.owner}: {fact.type}{f' ({fact.reason})' if fact.reason else ''}"
        for note in trace.notes_on(fact.id):
            if note.outcome in ARROWS:
                words = f"{fact.type}, {note.outcome} {note.reason}".rstrip()
                yield f"{fact.owner}{ARROWS[note.outcome]}{_service(note)}: {words}"
        for letter in trace.waiting_with(fact.id):
            yield f"Note over {fact.owner}: {fact.type} is a dead letter in {letter.queue}, {letter.reason}"


def _service(note: Noted) -> str:
    """The function's name without its stage: `orderbus-dev-payments` is payments."""
    return note.function.split("-", 2)[2]
