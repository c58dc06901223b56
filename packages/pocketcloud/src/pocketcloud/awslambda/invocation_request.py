"""A request to invoke a function asynchronously."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pocketcloud.core.engine import function_in
from pocketcloud.core.journal import EventRef


@dataclass(frozen=True, slots=True)
class InvocationRequest:
    """One event for one function, with its source."""

    function: str
    payload: Mapping[str, Any]
    text: str
    source: str
    event: EventRef | None

    @property
    def destination(self) -> str:
        """The function's name in the journal."""
        return f"function/{function_in(self.function)}"
