"""The parts of a mapping that are polled side by side: shards, partitions, or the lanes of one."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol


class Part(Protocol):
    """One poller of several."""

    @property
    def last_result(self) -> str | None:
        """Lambda's `LastProcessingResult`; None before the first batch."""

    def next_due(self) -> datetime | None:
        """Return when the function is next invoked."""

    def run(self) -> None:
        """Invoke the function."""


def result_of(parts: Iterable[Part]) -> str | None:
    """Return Lambda's `LastProcessingResult`: of a part with a problem, if any has one."""
    results = [part.last_result for part in parts if part.last_result]
    return next((each for each in results if each != "OK"), results[-1] if results else None)


def due_of(parts: Iterable[Part]) -> Iterator[tuple[datetime, Part]]:
    """Yield the parts that will invoke the function, each with the time."""
    for part in parts:
        due = part.next_due()
        if due is not None:
            yield due, part


def first_due(due: Iterable[tuple[datetime, Part]]) -> tuple[datetime, Part] | None:
    """Return the part that is due first, with the time; None if no part is due."""
    return min(due, key=lambda pair: pair[0], default=None)
