"""Virtual time: one frozen clock that every library in the process reads and only the scheduler moves."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Self

import time_machine

START = datetime(2026, 1, 1, tzinfo=UTC)
"""Where time begins unless told otherwise: fixed, so that a run is repeated to the second."""


class Clock:
    """Stands still until moved; `time.time`, `datetime.now` and moto all show its time meanwhile."""

    def __init__(self, start_at: datetime | None = None) -> None:
        self._now = (start_at or START).astimezone(UTC)
        self._travel = time_machine.travel(self._now, tick=False)
        self._traveller: time_machine.Traveller | None = None
        self._followed: tuple[datetime, float] | None = None
        self._skew = timedelta()

    def __enter__(self) -> Self:
        self._traveller = self._travel.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._traveller = None
        self._travel.stop()

    def now(self) -> datetime:
        """The time it shows, in UTC."""
        return self._now

    def move_to(self, when: datetime) -> None:
        """Show `when`; time never runs backwards, so an earlier moment changes nothing."""
        if when <= self._now:
            return
        self._now = when
        self._show()

    def sleep(self, seconds: float) -> None:
        """Let that much virtual time pass, at once."""
        self.move_to(self._now + timedelta(seconds=seconds))

    @contextmanager
    def skewed(self, skew: timedelta) -> Iterator[None]:
        """Whoever asks the process meanwhile is told a time that is this far off; `now()` stays true."""
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
        if self._traveller is not None:
            self._traveller.move_to(self._now + self._skew)

    def follow(self) -> None:
        """From here on `due()` tells how far real time has come, for a server that lives in real time."""
        self._followed = (self._now, time.monotonic())

    def due(self) -> datetime:
        """The moment a following clock ought to show; `now()` unless `follow()` was called."""
        if self._followed is None:
            return self._now
        anchor, started = self._followed
        # time-machine leaves time.monotonic alone, which is what makes following possible.
        return anchor + timedelta(seconds=time.monotonic() - started)
