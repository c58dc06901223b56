"""Every limit of every public schema, changed one at a time: the gate decides both directions, rightly."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.events.event_file import SCHEMAS
from cli.schema.compatibility.comparison import accepts_all
from cli.schema.compatibility.verdict import Broken, Compatible

LOOSER, TIGHTER, OTHER = (Compatible, Broken), (Broken, Compatible), (Broken, Broken)
"""The verdicts backward and forward."""
FILES = [path for path in sorted(SCHEMAS.rglob("*.json")) if path.stem.rpartition(".v")[2].isdecimal()]


def _edits(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Yield a path in the schema, what to put there, and the expected verdicts."""
    below = enumerate(node) if isinstance(node, list) else node.items() if isinstance(node, dict) else ()
    for step, value in below:
        edit = _edit(node, step, value)
        if edit:
            yield ((*path, step), *edit)
        yield from _edits(value, (*path, step))


def _edit(node: Any, keyword: Any, value: Any) -> tuple[Any, Any] | None:
    found: tuple[Any, Any] | None = None
    match keyword, value:
        case "maximum" | "maxItems" | "maxLength", int():
            found = value + 1, LOOSER
        case "minimum" | "minItems" | "minLength", int():
            found = value + 1, TIGHTER
        case "required", [_, *others] if others:
            found = others, LOOSER
        case "enum", [_, *others] if others:
            found = others, TIGHTER
        case "pattern", str():
            found = "^#?(?!\\n)$", OTHER
        case "type", "string":
            found = "integer", TIGHTER if "enum" in node else OTHER
    return found


def _new_edits() -> dict[Path, list[Any]]:
    """Return the edits of each schema; of a part that several schemas have, those of the first one."""
    seen: set[str] = set()
    edits: dict[Path, list[Any]] = {}
    for file in FILES:
        document = json.loads(file.read_text())
        for path, value, expected in _edits(document):
            node = document
            for step in path[:-1]:
                node = node[step]
            known = json.dumps([node, path[-1]], sort_keys=True)
            if known not in seen:
                edits.setdefault(file, []).append((path, value, expected))
            seen.add(known)
    return edits


EDITS = _new_edits()


@pytest.mark.exhaustive
@pytest.mark.parametrize("file", EDITS, ids=lambda file: str(file.relative_to(SCHEMAS)))
def test_gate_decides_every_edit_of_a_schema(file: Path) -> None:
    old = json.loads(file.read_text())
    for path, value, expected in EDITS[file]:
        new = copy.deepcopy(old)
        place = new
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

        found = (type(accepts_all(old, new)), type(accepts_all(new, old)))

        assert found == expected, path
