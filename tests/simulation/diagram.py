"""Draw a run as a Mermaid sequence diagram of its calls and faults."""

import re
from collections.abc import Iterator, Sequence

from tests.simulation.trace import Step

LAST = 80
"""Steps shown; the fault is near the end."""


def sequence_diagram(steps: Sequence[Step]) -> str:
    """Return the diagram of the last steps: https://mermaid.js.org/syntax/sequenceDiagram.html."""
    return "\n".join(["sequenceDiagram", *_lines(steps[-LAST:])])


def _lines(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        source, target = _name(step.source), _name(step.target)
        arrow = "-x" if step.fault else "->>"
        what = f"{step.text} ({step.fault})" if step.fault else step.text
        yield f"    {source}{arrow}{target}: {step.at:.3f} s {_words(what)}"


def _name(end: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", end)


def _words(text: str) -> str:
    """Replace characters that would end a line of the diagram."""
    return text.replace(";", ",").replace("#", " ")
