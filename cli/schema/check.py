"""Compare every schema with its released versions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cli.schema.compatibility.comparison import accepts_all
from cli.schema.compatibility.verdict import Comparison, Compatible, Node
from cli.schema.releases import Release, SchemaName


class Mode(StrEnum):
    """What a schema must keep; a transitive mode compares with all releases, the others with the last.

    https://docs.confluent.io/platform/current/schema-registry/fundamentals/schema-evolution.html
    """

    BACKWARD = "backward"
    """The new schema accepts what the old one allows."""
    BACKWARD_TRANSITIVE = "backward-transitive"
    FORWARD = "forward"
    """The old schema accepts what the new one allows."""
    FORWARD_TRANSITIVE = "forward-transitive"
    FULL = "full"
    """Both."""
    FULL_TRANSITIVE = "full-transitive"

    @property
    def directions(self) -> tuple[str, ...]:
        """The comparisons that must hold."""
        kind = self.value.removesuffix("-transitive")
        return ("backward", "forward") if kind == "full" else (kind,)

    @property
    def is_transitive(self) -> bool:
        """Whether every release counts."""
        return self.value.endswith("-transitive")


@dataclass(frozen=True, slots=True)
class Change:
    """A schema compared with one of its released contents."""

    refs: tuple[str, ...]
    """The releases with that content."""
    backward: Comparison
    forward: Comparison

    def holds(self, mode: Mode) -> bool:
        """Return whether it is proved that the change keeps what the mode asks for."""
        directions = {"backward": self.backward, "forward": self.forward}
        return all(isinstance(directions[each], Compatible) for each in mode.directions)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaReport:
    """What became of one released schema."""

    name: SchemaName
    is_removed: bool
    changes: Sequence[Change]
    next_version: int
    """The version for the content of the working tree."""

    def passes(self, mode: Mode) -> bool:
        """Return whether the schema may be released as it is."""
        return not self.is_removed and all(change.holds(mode) for change in self.changes)


def check_schemas(
    current: Mapping[SchemaName, Node], releases: Sequence[Release], mode: Mode, *, strict: bool
) -> Iterator[SchemaReport]:
    """Yield a report on every schema that was released."""
    counted = releases if mode.is_transitive else releases[-1:]
    for name in sorted({name for release in counted for name in release.schemas}):
        changes = [] if name not in current else list(_changes(name, current[name], counted, strict=strict))
        holds = all(change.holds(mode) for change in changes)
        yield SchemaReport(
            name=name,
            is_removed=name not in current,
            changes=changes,
            next_version=name.version if holds else _free_version(name, current),
        )


def steps_between(
    current: Mapping[SchemaName, Node], *, strict: bool
) -> Iterator[tuple[SchemaName, Comparison]]:
    """Yield each version after the first with whether it reads its predecessor without an upcaster."""
    for name in sorted(current):
        before = SchemaName(name.owner, name.event, name.version - 1)
        if before in current:
            yield name, accepts_all(current[before], current[name], strict=strict)


def _changes(name: SchemaName, new: Node, releases: Sequence[Release], *, strict: bool) -> Iterator[Change]:
    contents: dict[str, list[Release]] = {}
    for release in releases:
        if name in release.schemas:
            contents.setdefault(json.dumps(release.schemas[name], sort_keys=True), []).append(release)
    for same in contents.values():
        old = same[0].schemas[name]
        backward = accepts_all(old, new, strict=strict)
        forward = accepts_all(new, old, strict=strict)
        yield Change(tuple(release.ref for release in same), backward, forward)


def _free_version(name: SchemaName, current: Mapping[SchemaName, Node]) -> int:
    taken = [each.version for each in current if (each.owner, each.event) == (name.owner, name.event)]
    return max([*taken, name.version]) + 1
