"""What a rule about one keyword leaves: a failure, or a smaller comparison."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from cli.schema.compatibility.subschema import Subschema
from cli.schema.compatibility.verdict import Instance, Path

Embed: TypeAlias = Callable[[Instance], list[Instance]]
"""Builds instances around a part."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A keyword of the reader that is not proved, with instances that may violate it."""

    reason: str
    candidates: Sequence[Instance] = ()
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Obligation:
    """The part at `step` must be included as well."""

    step: str | int
    conjunction: tuple[Subschema, ...]
    reader: Subschema
    embed: Embed
