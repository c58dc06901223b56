"""The one place that decides what happens next: a discrete-event scheduler over virtual time, seeded."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pocketcloud.virtual_time.clock import Clock

Action = Callable[[], None]


class Source(Protocol):
    """Something that falls due by its own state, such as a queue with an event source mapping."""

    @property
    def what(self) -> str:
        """What it is, for a person who asks what is still in flight."""

    def next_due(self) -> datetime | None:
        """When it wants to run next; None while it has nothing to do."""

    def run(self) -> None:
        """Do what is due."""


class NotSettledError(RuntimeError):
    """The cloud did not come to rest within the allowed number of steps; the message names what is left."""


@dataclass(frozen=True, slots=True, order=True)
class _Planned:
    when: datetime
    order: int
    action: Action = field(compare=False)
    what: str = field(compare=False)
    background: bool = field(compare=False)


class Scheduler:
    """Runs planned actions and due sources in order of virtual time; equal times in order of planning."""

    def __init__(self, clock: Clock, *, seed: int = 0, max_steps: int = 5_000_000) -> None:
        self.clock = clock
        self.random = random.Random(seed)  # noqa: S311 - repeatable chance is the point, not secrecy
        self.max_steps = max_steps
        self.carry_out: Callable[[Action], None] = _at_once
        """Who carries a step out: at once and to its end, unless a simulation sets steps aside half-way."""
        self._planned: list[_Planned] = []
        self._sources: list[Source] = []
        self._count = 0
        self._foreground = 0

    def at(self, when: datetime, action: Action, *, what: str, background: bool = False) -> None:
        """Plan the action; work in the background (a schedule) does not keep `settle` going."""
        self._count += 1
        self._foreground += not background
        heapq.heappush(self._planned, _Planned(when, self._count, action, what, background))

    def after(self, delay: timedelta, action: Action, *, what: str, background: bool = False) -> None:
        """Plan the action for `delay` from now."""
        self.at(self.clock.now() + delay, action, what=what, background=background)

    def add_source(self, source: Source) -> None:
        """Ask this source, too, what is due."""
        self._sources.append(source)

    def remove_source(self, source: Source) -> None:
        """Ask this source no more."""
        self._sources.remove(source)

    def settle(self) -> None:
        """Run until nothing is in flight, retries and visibility timeouts included, in virtual time."""
        for _ in range(self.max_steps):
            earliest = self._earliest_source()
            if not self._foreground and earliest is None:
                return
            self._step(earliest)
        raise NotSettledError(f"still in flight after {self.max_steps} steps: {self.in_flight()}")

    def run_until(self, when: datetime) -> None:
        """Run what falls due up to and including `when`, then show that time."""
        for _ in range(self.max_steps):
            earliest = self._earliest_source()
            if not self._is_due(earliest, when):
                self.clock.move_to(when)
                return
            self._step(earliest)
        raise NotSettledError(f"still not at {when} after {self.max_steps} steps: {self.in_flight()}")

    def next_due(self) -> datetime | None:
        """When the next step is due, one in the background included; None if there is none."""
        earliest = self._earliest_source()
        moments = [planned.when for planned in self._planned[:1]] + ([earliest[0]] if earliest else [])
        return min(moments, default=None)

    def step(self) -> None:
        """Carry out the one step that is due next."""
        self._step(self._earliest_source())

    def in_flight(self) -> str:
        """What is planned or due, counted by name."""
        names = Counter(planned.what for planned in self._planned if not planned.background)
        names.update(source.what for source in self._sources if source.next_due() is not None)
        return ", ".join(f"{count} x {what}" for what, count in names.most_common()) or "nothing"

    def clear(self, *, seed: int) -> None:
        """Forget all planned actions and begin the chance of `seed`; sources stay."""
        self._planned.clear()
        self._foreground = 0
        self.random.seed(seed)

    def _is_due(self, earliest: tuple[datetime, Source] | None, when: datetime) -> bool:
        planned = bool(self._planned) and self._planned[0].when <= when
        return planned or (earliest is not None and earliest[0] <= when)

    def _earliest_source(self) -> tuple[datetime, Source] | None:
        earliest: tuple[datetime, Source] | None = None
        for source in self._sources:
            due = source.next_due()
            if due is not None and (earliest is None or due < earliest[0]):
                earliest = (due, source)
        return earliest

    def _step(self, earliest: tuple[datetime, Source] | None) -> None:
        if self._planned and (earliest is None or self._planned[0].when <= earliest[0]):
            planned = heapq.heappop(self._planned)
            self._foreground -= not planned.background
            self.clock.move_to(planned.when)
            self.carry_out(planned.action)
        elif earliest is not None:
            self.clock.move_to(earliest[0])
            self.carry_out(earliest[1].run)


def _at_once(action: Action) -> None:
    action()
