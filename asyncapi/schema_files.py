"""The JSON Schemas and the examples in `schemas/`."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[1] / "schemas"
_NAME = re.compile(r"(?P<fact>[A-Za-z]+)\.v(?P<version>[0-9]+)\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFile:
    """One version of one fact's schema."""

    owner: str
    fact: str
    version: int

    @property
    def name(self) -> str:
        """The name of the version in the document, such as `OrderCreated.v1`."""
        return f"{self.fact}.v{self.version}"

    @property
    def urn(self) -> str:
        """The `dataschema` of its events."""
        return str(self.schema()["id"])

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the data."""
        return read(SCHEMAS / self.owner / f"{self.name}.json")

    def example(self) -> dict[str, Any]:
        """Return the example of the data."""
        return read(SCHEMAS / self.owner / f"{self.name}.example.json")


def read(path: Path) -> dict[str, Any]:
    """Return the document in a file."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def schema_files() -> list[SchemaFile]:
    """Return every version of every fact, by name."""
    return sorted(_files(), key=lambda file: (file.fact, file.version))


def versions_of(fact: str) -> list[SchemaFile]:
    """Return every version of one fact, the oldest first."""
    return [file for file in schema_files() if file.fact == fact]


def _files() -> Iterator[SchemaFile]:
    for path in SCHEMAS.glob("*/*.json"):
        if found := _NAME.fullmatch(path.name):
            yield SchemaFile(owner=path.parent.name, fact=found["fact"], version=int(found["version"]))
