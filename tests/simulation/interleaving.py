"""Invocations that take turns: each step of the cloud is a greenlet, suspended at each call to AWS.

One thread, so that nothing happens but what the simulation chose; real handlers, which know nothing of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from pocketcloud import OfflineCloud

LATE = timedelta(seconds=1)
"""So long after its timeout a function may go on before Lambda has stopped it (it was seen at 0.68 s)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invocation in the middle of a call."""

    task: Any
    what: str
    must_go_on_by: datetime
    may_go_on_from: datetime


class Interleaving:
    """Runs the cloud's steps; a suspended one waits until the simulation resumes it."""

    def __init__(self, cloud: OfflineCloud) -> None:
        self._cloud = cloud
        self._runtime = cloud.services.runtime
        self._hub = getcurrent()
        self.waiting: list[Waiting] = []

    def execute(self, action: Callable[[], None]) -> None:
        """Begin a step; it ends, or waits in the middle of a call."""
        greenlet(action, parent=self._hub).switch()

    def go_on(self, waiting: Waiting) -> None:
        """Let one that waits take its turn."""
        self.waiting.remove(waiting)
        waiting.task.switch()

    def give_way(self, *, lasting: timedelta = timedelta(), past_the_end: bool = False) -> None:
        """The invocation that calls this waits at least that long, and no longer than it may run.

        Past the end: Lambda has not noticed yet that its time is over.
        """
        execution = self._runtime.running()
        now = self._cloud.clock.now()
        by = max(execution.deadline - timedelta(milliseconds=1), now)
        waiting = Waiting(getcurrent(), execution.function, by, now + lasting)
        if past_the_end or waiting.may_go_on_from > by:
            late = max(by + LATE / 2, waiting.may_go_on_from)
            waiting = Waiting(waiting.task, waiting.what, late, late)
        self.waiting.append(waiting)
        with self._runtime.suspend():
            self._hub.switch()

    def ready(self) -> list[Waiting]:
        """Those whose wait is over."""
        now = self._cloud.clock.now()
        return [waiting for waiting in self.waiting if waiting.may_go_on_from <= now]

    def has_company(self) -> bool:
        """Whether two invocations of one function wait."""
        return len({waiting.what for waiting in self.waiting}) < len(self.waiting)

    def first(self) -> Waiting | None:
        """The one that has to go on before all others; None if none waits."""
        return min(self.waiting, key=lambda waiting: waiting.must_go_on_by, default=None)

    def finish(self) -> None:
        """Let all of them go on to their ends."""
        while self.waiting:
            first = min(self.waiting, key=lambda waiting: waiting.may_go_on_from)
            self._cloud.clock.move_to(first.may_go_on_from)
            self.go_on(first)

    def abandon(self) -> None:
        """Let none of them go on: the run is over."""
        while self.waiting:
            self.waiting.pop().task.throw(GreenletExit)
