"""The page of an event."""

import json
from dataclasses import dataclass
from typing import Any

from asyncapi.channels import NAMES
from asyncapi.schema_files import SCHEMAS, SchemaFile, read, versions_of
from catalogue.fields import Field, differences, fields
from infrastructure.services import FactDeclaration
from infrastructure.stream_consumers import STREAM_CONSUMERS
from infrastructure.topology import consumers_of, is_external


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOfEvent:
    """One version: its fields, its example, and what it changes."""

    number: int
    urn: str
    fields: list[Field]
    example: str
    changes: list[str]
    last_day: str
    """The last day on which it may be published; empty for the newest."""
    is_newest: bool
    """Whether consumers read it as it is; they read an older version upcast to the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """One event."""

    name: str
    owner: str
    meaning: str
    consumers: list[str]
    no_consumer_because: str
    bus: str
    topic: str
    stream_readers: list[str]
    """The consumers of the ordered stream, which holds every event of our own."""
    versions: list[VersionOfEvent]


def event_page(fact: FactDeclaration) -> EventPage:
    """Return the page of a fact, its newest version first."""
    files = versions_of(fact.name)
    readers = read(SCHEMAS / "readers.json").get(fact.name, {})
    return EventPage(
        name=fact.name,
        owner=fact.owner,
        meaning=str(files[-1].schema()["description"]),
        consumers=[service.name for service in consumers_of(fact.name)],
        no_consumer_because=fact.no_consumer_because or "",
        bus=_of_a_stage(NAMES.ingress_bus if is_external(fact) else NAMES.event_bus),
        topic="" if is_external(fact) else _of_a_stage(NAMES.topic(fact.name)),
        stream_readers=[] if is_external(fact) else [service.name for service in STREAM_CONSUMERS],
        versions=[_version(fact, place, files, readers) for place in reversed(range(len(files)))],
    )


def _version(
    fact: FactDeclaration, place: int, files: list[SchemaFile], readers: dict[str, Any]
) -> VersionOfEvent:
    file, rows = files[place], fields(files[place].schema(), readers)
    older = fields(files[place - 1].schema(), {}) if place else []
    return VersionOfEvent(
        number=file.version,
        urn=file.urn,
        fields=rows,
        example=json.dumps(file.example(), indent=2, ensure_ascii=False),
        changes=differences(older, rows) if place else [],
        last_day=fact.older_until.get(file.version, ""),
        is_newest=place == len(files) - 1,
    )


def _of_a_stage(name: str) -> str:
    return name.replace("{stage}", "STAGE")
