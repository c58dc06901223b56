"""A seeded discrete-event scheduler over virtual time."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pocketcloud.virtual_time.clock import Clock

Action = Callable[[], None]


class WorkSource(Protocol):
    """Work that becomes due by its own state, such as a queue with an event source mapping."""

    @property
    def label(self) -> str:
        """Name of the source in reports of what is in flight."""

    def next_due(self) -> datetime | None:
        """Return when the source next needs to run; None if it has nothing to do."""

    def run(self) -> None:
        """Do the work that is due."""


class NotSettledError(RuntimeError):
    """Work is still in flight after the maximum number of steps; the message names it."""


@dataclass(frozen=True, slots=True, order=True)
class _Planned:
    when: datetime
    order: int
    action: Action = field(compare=False)
    label: str = field(compare=False)
    background: bool = field(compare=False)


class Scheduler:
    """Runs planned actions and due sources in order of virtual time; equal times in planning order."""

    def __init__(self, clock: Clock, *, seed: int = 0, max_steps: int = 5_000_000) -> None:
        self.clock = clock
        self.random = random.Random(seed)  # noqa: S311 - must be repeatable, not secret
        self.max_steps = max_steps
        self.execute: Callable[[Action], None] = _run_now
        """Executes a step; a simulation can replace it to interleave steps."""
        self._planned: list[_Planned] = []
        self._sources: list[WorkSource] = []
        self._count = 0
        self._foreground = 0

    def at(self, when: datetime, action: Action, *, label: str, background: bool = False) -> None:
        """Plan an action; `settle` does not wait for background actions such as schedules."""
        self._count += 1
        self._foreground += not background
        heapq.heappush(self._planned, _Planned(when, self._count, action, label, background))

    def after(self, delay: timedelta, action: Action, *, label: str, background: bool = False) -> None:
        """Plan an action after a delay."""
        self.at(self.clock.now() + delay, action, label=label, background=background)

    def add_source(self, source: WorkSource) -> None:
        """Add a source."""
        self._sources.append(source)

    def remove_source(self, source: WorkSource) -> None:
        """Remove a source."""
        self._sources.remove(source)

    def settle(self) -> None:
        """Run until nothing is in flight, including retries and visibility timeouts."""
        for _ in range(self.max_steps):
            earliest = self._earliest_source()
            if not self._foreground and earliest is None:
                return
            self._step(earliest)
        raise NotSettledError(f"still in flight after {self.max_steps} steps: {self.in_flight()}")

    def run_until(self, when: datetime) -> None:
        """Run everything due up to and including `when`, then move the clock there."""
        for _ in range(self.max_steps):
            earliest = self._earliest_source()
            if not self._is_due(earliest, when):
                self.clock.move_to(when)
                return
            self._step(earliest)
        raise NotSettledError(f"still not at {when} after {self.max_steps} steps: {self.in_flight()}")

    def next_due(self) -> datetime | None:
        """Return when the next step is due, including background steps; None if there is none."""
        earliest = self._earliest_source()
        times = [planned.when for planned in self._planned[:1]] + ([earliest[0]] if earliest else [])
        return min(times, default=None)

    def step(self) -> None:
        """Execute the next step."""
        self._step(self._earliest_source())

    def in_flight(self) -> str:
        """Return planned and due work, counted by name."""
        names = Counter(planned.label for planned in self._planned if not planned.background)
        names.update(source.label for source in self._sources if source.next_due() is not None)
        return ", ".join(f"{count} x {label}" for label, count in names.most_common()) or "nothing"

    def clear(self, *, seed: int) -> None:
        """Drop all planned actions and reseed; keep the sources."""
        self._planned.clear()
        self._foreground = 0
        self.random.seed(seed)

    def _is_due(self, earliest: tuple[datetime, WorkSource] | None, when: datetime) -> bool:
        planned = bool(self._planned) and self._planned[0].when <= when
        return planned or (earliest is not None and earliest[0] <= when)

    def _earliest_source(self) -> tuple[datetime, WorkSource] | None:
        earliest: tuple[datetime, WorkSource] | None = None
        for source in self._sources:
            due = source.next_due()
            if due is not None and (earliest is None or due < earliest[0]):
                earliest = (due, source)
        return earliest

    def _step(self, earliest: tuple[datetime, WorkSource] | None) -> None:
        if self._planned and (earliest is None or self._planned[0].when <= earliest[0]):
            planned = heapq.heappop(self._planned)
            self._foreground -= not planned.background
            self.clock.move_to(planned.when)
            self.execute(planned.action)
        elif earliest is not None:
            self.clock.move_to(earliest[0])
            self.execute(earliest[1].run)


def _run_now(action: Action) -> None:
    action()
