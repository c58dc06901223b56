"""The result of a comparison of two schemas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Instance: TypeAlias = Any
"""Any JSON value."""
Node: TypeAlias = Mapping[str, Any] | bool
"""A JSON Schema or a part of one."""
Path: TypeAlias = tuple[str | int, ...]


class UndecidableError(Exception):
    """The comparison cannot be decided; the message says why."""


@dataclass(frozen=True, slots=True)
class Compatible:
    """The reader accepts every instance of the writer; this is proved."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The writer allows the instance and the reader rejects it; a validator confirmed both."""

    instance: Instance
    path: Path
    """The place at which the instance violates the reader's schema."""
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither a proof nor an instance was found."""

    reason: str


Comparison: TypeAlias = Compatible | Broken | Unknown
