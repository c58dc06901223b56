"""Virtual time: one frozen clock that every library in the process reads and only the scheduler moves."""

import time
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
        if self._traveller is not None:
            self._traveller.move_to(when)

    def sleep(self, seconds: float) -> None:
        """Let that much virtual time pass, at once."""
        self.move_to(self._now + timedelta(seconds=seconds))

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
