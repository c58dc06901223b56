"""Compare every schema with its released versions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cli.schema.compatibility.comparison import accepts_all
from cli.schema.compatibility.verdict import Comparison, Compatible, Node
from cli.schema.schema_name import Revision, Revisions, SchemaName


class Mode(StrEnum):
    """Compatibility modes; a transitive mode compares with all contents, the others with the last.

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
        """Whether every released content counts."""
        return self.value.endswith("-transitive")


@dataclass(frozen=True, slots=True)
class Change:
    """A schema compared with one of its released contents."""

    ref: str
    backward: Comparison
    forward: Comparison

    def holds(self, mode: Mode) -> bool:
        """Return whether it is proved that the change keeps what the mode asks for."""
        directions = {"backward": self.backward, "forward": self.forward}
        return all(isinstance(directions[each], Compatible) for each in mode.directions)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaReport:
    """The result for one released schema."""

    name: SchemaName
    is_removed: bool
    changes: Sequence[Change]
    next_version: int
    """The version for the content of the working tree."""

    def passes(self, mode: Mode) -> bool:
        """Return whether the schema may be released as it is."""
        return not self.is_removed and all(change.holds(mode) for change in self.changes)


def check_schemas(
    current: Mapping[SchemaName, Node], released: Revisions, mode: Mode, *, strict: bool
) -> Iterator[SchemaReport]:
    """Yield a report on every schema that was released."""
    for name in sorted(released):
        counted = released[name] if mode.is_transitive else released[name][-1:]
        changes = [_change(each, current[name], strict=strict) for each in counted if name in current]
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


def _change(old: Revision, new: Node, *, strict: bool) -> Change:
    backward = accepts_all(old.schema, new, strict=strict)
    return Change(old.ref, backward, accepts_all(new, old.schema, strict=strict))


def _free_version(name: SchemaName, current: Mapping[SchemaName, Node]) -> int:
    taken = [each.version for each in current if (each.owner, each.event) == (name.owner, name.event)]
    return max([*taken, name.version]) + 1
