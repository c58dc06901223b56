"""The virtual clock: frozen for the whole process, and moved only by the scheduler."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Self

if "pytest" in sys.modules:
    import time_machine
else:
    # time-machine imports pytest, if it is installed, for a fixture: a third of a second.
    sys.modules["pytest"] = None  # type: ignore[assignment]  # the import system's mark of a missing module
    try:
        import time_machine
    finally:
        del sys.modules["pytest"]

START = datetime(2026, 1, 1, tzinfo=UTC)
"""Default start time; it is fixed so that runs are repeatable."""


class Clock:
    """A clock that stands still until moved; `time.time`, `datetime.now` and moto show its time."""

    def __init__(self, start_at: datetime | None = None) -> None:
        self._now = (start_at or START).astimezone(UTC)
        self._travel = time_machine.travel(self._now, tick=False)
        self._traveller: time_machine.Traveller | None = None
        self._followed: tuple[datetime, float, float] | None = None
        self._skew = timedelta()
        self._shown = self._now
        """The time as the process sees it."""
        self.on_read: Callable[[], None] | None = None
        """Called whenever the process reads the time."""

    def __enter__(self) -> Self:
        self._shown = self._now + self._skew
        self._travel = time_machine.travel(self._shown, tick=False)
        self._traveller = self._travel.start()
        read = partial(self._read, self._traveller.time_ns)
        self._traveller.time_ns = read  # type: ignore[method-assign]  # it has no hook
        return self

    def __exit__(self, *_: object) -> None:
        self._traveller = None
        self._travel.stop()

    def now(self) -> datetime:
        """Return the current virtual time in UTC."""
        return self._now

    def _read(self, time_ns: Callable[[], int]) -> int:
        if self.on_read is not None:
            self.on_read()
        return time_ns()

    def move_to(self, when: datetime) -> None:
        """Move to `when`; ignore an earlier time."""
        if when <= self._now:
            return
        self._now = when
        self._show()

    def restart(self, when: datetime) -> None:
        """Move to `when`, also to an earlier time; reset the cloud afterwards."""
        self._now = when
        self._show()

    def sleep(self, seconds: float) -> None:
        """Advance the clock by this many seconds."""
        self.move_to(self._now + timedelta(seconds=seconds))

    @property
    def is_exact(self) -> bool:
        """Whether the process sees the correct time."""
        return not self._skew

    @contextmanager
    def skewed(self, skew: timedelta) -> Iterator[None]:
        """Skew the process's time inside the block; `now()` stays correct."""
        before = self._skew
        if skew == before:
            yield
            return
        self._skew = skew
        self._show()
        try:
            yield
        finally:
            self._skew = before
            self._show()

    def _show(self) -> None:
        if self._traveller is None:
            return
        # Unlike move_to, shift does not set the process's time zone again.
        shown = self._now + self._skew
        self._traveller.shift(shown - self._shown)
        self._shown = shown

    def follow(self, speed: float = 1) -> None:
        """Make `due()` follow real time from now on, for a server; a speed of 60 makes a second a minute."""
        self._followed = (self._now, time.monotonic(), speed)

    def due(self) -> datetime:
        """Return the virtual time that matches real time; `now()` unless `follow()` was called."""
        if self._followed is None:
            return self._now
        anchor, started, speed = self._followed
        # time-machine does not patch time.monotonic.
        return anchor + timedelta(seconds=(time.monotonic() - started) * speed)
