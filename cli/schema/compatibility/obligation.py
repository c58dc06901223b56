"""The result of a rule about one keyword: a failure, or a smaller comparison."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from cli.schema.compatibility.subschema import Subschema
from cli.schema.compatibility.verdict import Instance, Path

Embed: TypeAlias = Callable[[Instance], list[Instance]]
"""Builds instances around a part."""


@dataclass(frozen=True, slots=True)
class Unproved:
    """A keyword of the reader that is not proved."""

    reason: str
    candidates: Callable[[], Iterable[Instance]] = tuple
    """Builds instances that may violate the keyword: most failures only end an attempt, and need none."""
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Obligation:
    """The part at `step` must be included as well."""

    step: str | int
    conjunction: tuple[Subschema, ...]
    reader: Subschema
    embed: Embed

    def around(self, failure: Unproved) -> Unproved:
        """Return a failure inside the part as one of the whole."""
        return Unproved(failure.reason, partial(self._whole, failure), (self.step, *failure.path))

    def _whole(self, failure: Unproved) -> list[Instance]:
        return [whole for part in failure.candidates() for whole in self.embed(part)]
