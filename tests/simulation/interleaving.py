"""Interleave invocations: each step of the cloud is a greenlet, which can be suspended at any call to AWS.

There is one thread, so the simulation alone decides the order. The handlers are the real ones, unchanged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from pocketcloud import OfflineCloud

LATE = timedelta(seconds=1)
"""Time that a function may run after its timeout before Lambda stops it (0.68 s was observed)."""


@dataclass(frozen=True, slots=True)
class SuspendedInvocation:
    """An invocation that is suspended at a call."""

    task: Any
    what: str
    resume_by: datetime
    resume_from: datetime


class Interleaving:
    """Run steps of the cloud; a suspended one waits until the simulation resumes it."""

    def __init__(self, cloud: OfflineCloud) -> None:
        self._cloud = cloud
        self._runtime = cloud.services.runtime
        self._hub = getcurrent()
        self.waiting: list[SuspendedInvocation] = []

    def execute(self, action: Callable[[], None]) -> None:
        """Run a step until it ends or is suspended at a call."""
        greenlet(action, parent=self._hub).switch()

    def resume(self, waiting: SuspendedInvocation) -> None:
        """Resume a suspended invocation."""
        self.waiting.remove(waiting)
        waiting.task.switch()

    def suspend(self, *, lasting: timedelta = timedelta(), past_the_end: bool = False) -> None:
        """Suspend the calling invocation for at least `lasting`, and no longer than it may run.

        With `past_the_end`, resume it after its timeout, before Lambda has stopped it.
        """
        execution = self._runtime.running()
        now = self._cloud.clock.now()
        by = max(execution.deadline - timedelta(milliseconds=1), now)
        waiting = SuspendedInvocation(getcurrent(), execution.function, by, now + lasting)
        if past_the_end or waiting.resume_from > by:
            late = max(by + LATE / 2, waiting.resume_from)
            waiting = SuspendedInvocation(waiting.task, waiting.what, late, late)
        self.waiting.append(waiting)
        with self._runtime.suspend():
            self._hub.switch()

    def ready(self) -> list[SuspendedInvocation]:
        """Return the invocations that may be resumed."""
        now = self._cloud.clock.now()
        return [waiting for waiting in self.waiting if waiting.resume_from <= now]

    def has_concurrent_invocations(self) -> bool:
        """Return whether two invocations of one function are suspended."""
        return len({waiting.what for waiting in self.waiting}) < len(self.waiting)

    def first(self) -> SuspendedInvocation | None:
        """Return the invocation that must be resumed first; None if none is suspended."""
        return min(self.waiting, key=lambda waiting: waiting.resume_by, default=None)

    def finish(self) -> None:
        """Resume all invocations until each has ended."""
        while self.waiting:
            first = min(self.waiting, key=lambda waiting: waiting.resume_from)
            self._cloud.clock.move_to(first.resume_from)
            self.resume(first)

    def abandon(self) -> None:
        """End all suspended invocations: the run is over."""
        while self.waiting:
            self.waiting.pop().task.throw(GreenletExit)
