"""Every generated file about events and routes, and the text it must have."""

from collections.abc import Callable, Mapping
from pathlib import Path

from contract_files import readers
from contract_files.examples import example_of
from contract_files.versions import (
    SCHEMAS,
    EventVersion,
    as_text,
    envelope_example,
    envelope_schema,
    released,
)
from openapi import document as openapi_document

Text = Callable[[], str]


def files() -> dict[Path, Text]:
    """Return the files by path."""
    versions = {path: text for version in released() for path, text in _of_version(version).items()}
    return {
        SCHEMAS / "Envelope.v1.json": envelope_schema,
        SCHEMAS / "Envelope.v1.example.json": envelope_example,
        **versions,
        openapi_document.PATH: openapi_document.text,
        readers.PATH: readers.text,
    }


def stale() -> list[Path]:
    """Return the files that differ from what the code says, and those of events that are gone."""
    texts = files()
    present = {path for path in SCHEMAS.glob("*/*.json") if path.name.count(".v") == 1}
    changed = [path for path, text in texts.items() if _content(path) != text()]
    return sorted([*changed, *(present - texts.keys())])


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _of_version(version: EventVersion) -> Mapping[Path, Text]:
    stem = version.stem
    return {
        stem.with_name(f"{stem.name}.json"): lambda: as_text(version.schema()),
        stem.with_name(f"{stem.name}.example.json"): lambda: as_text(example_of(version.kind, full=True)),
        stem.with_name(f"{stem.name}.minimal.example.json"): lambda: as_text(
            example_of(version.kind, full=False)
        ),
    }
