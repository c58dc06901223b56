"""The records that a pipe sends at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.pipes.models import Pipe

from pocketcloud.core.journal import EventRef


@dataclass(frozen=True, slots=True)
class PipeItem:
    """A message or record, or what the enrichment has made of the batch."""

    id: str
    """By which a function reports it as failed: a `messageId` or an `eventID`."""
    event: EventRef | None
    record: object


@dataclass(frozen=True, slots=True)
class PipeBatch:
    """The records that the pipe's filters accept, or the response of its enrichment."""

    pipe: Pipe
    items: Sequence[PipeItem]
    is_enriched: bool = False
    is_single: bool = False
    """Whether the enrichment has responded with one document, which is no list."""

    @property
    def service(self) -> str:
        """The target's service."""
        return self.pipe.target.split(":")[2]

    def parameters(self, name: str) -> Mapping[str, Any]:
        """Return the target's parameters of this name."""
        found: Mapping[str, Any] = (self.pipe.target_parameters or {}).get(name) or {}
        return found
