"""The fields that each consumer reads, from schemas/readers.json."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli.schema.compatibility.verdict import Path as FieldPath

FieldReaders = Mapping[str, Mapping[str, Sequence[str]]]
"""The fields, such as `data.lines[].sku`, by event and consumer."""


def read_readers(folder: Path) -> FieldReaders | None:
    """Return the readers; None if the file is missing."""
    path = folder / "readers.json"
    if not path.exists():
        return None
    found: FieldReaders = json.loads(path.read_text(encoding="utf-8"))
    return found


def field_at(path: FieldPath) -> str:
    """Return a path in an event's data as a field: `data.lines[].sku`."""
    return "data" + "".join("[]" if isinstance(step, int) else f".{step}" for step in path)


def readers_of(readers: FieldReaders, event: str, field: str) -> list[str]:
    """Return the consumers that read the field, a part of it, or what contains it."""
    return sorted(
        consumer
        for consumer, fields in readers.get(event, {}).items()
        if any(_contains(each, field) or _contains(field, each) for each in fields)
    )


def _contains(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
