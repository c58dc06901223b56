"""Every major version of every event that can still be read, and its files in `schemas/`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from contract_files.definitions import JsonObject
from contract_files.draft4 import schema_of
from contract_files.examples import example_of
from functions.contracts.orders import OrderCreated
from functions.contracts.registry import CONTRACTS, FACTS
from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Envelope, origin
from functions.shared.contracts.fact import Fact

SCHEMAS = Path(__file__).parents[1] / "schemas"
EXAMPLE_TIME = datetime(2026, 11, 23, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventVersion:
    """One major version of an event."""

    owner: str
    name: str
    major: int
    kind: type[msgspec.Struct]

    @property
    def urn(self) -> str:
        """The name of its schema, in `dataschema`."""
        return f"{CONTRACTS.urn}:schema:{self.owner}:{self.name}:{self.major}"

    @property
    def stem(self) -> Path:
        """The path of its files, without their suffixes."""
        return SCHEMAS / self.owner / f"{self.name}.v{self.major}"

    def schema(self) -> JsonObject:
        """Return its JSON Schema."""
        return schema_of(self.kind, urn=self.urn, title=self.name)


def version_of(fact: type[Fact]) -> EventVersion:
    """Return the latest version of an event."""
    return EventVersion(owner=fact.owner, name=fact.__name__, major=fact.version, kind=fact)


def released() -> Iterator[EventVersion]:
    """Yield the versions of each event, the oldest first."""
    for name, fact in FACTS.items():
        for major, kind in sorted({**fact.older, fact.version: fact}.items()):
            yield EventVersion(owner=fact.owner, name=name, major=major, kind=kind)


def envelope_schema() -> str:
    """Return the schema of the document around the data."""
    return as_text(schema_of(Envelope, urn=f"{CONTRACTS.urn}:schema:Envelope:1", title="Envelope"))


def envelope_example() -> str:
    """Return a whole event, as `codec` writes it."""
    fact = msgspec.convert(example_of(OrderCreated, full=True), OrderCreated)
    event = codec.event_of(fact, cause=origin("example"), time=EXAMPLE_TIME)
    return as_text(json.loads(codec.write(event)))


def as_text(document: JsonObject) -> str:
    """Return the document as the repository has it."""
    return json.dumps(document, indent=2) + "\n"
