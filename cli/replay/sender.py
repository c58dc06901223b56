"""History told again: the rows at chosen places handed over in their order, at a rate, and noted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cli.core.event_log_reader import ROWS_AT_ONCE, FactLog, Place, Row
from cli.replay.progress_file import Progress, ProgressFile


class NotTakenError(Exception):
    """Whoever was told did not take it this time; to tell it again is safe."""


@dataclass(kw_only=True)
class Telling:
    """One telling, to whomever `send` leads to; it raises unless all that it was given has arrived."""

    log: FactLog
    send: Callable[[Sequence[Row]], None]
    at_once: int
    rate: float
    """Facts a second at most, so that whoever hears them has time for today's as well."""
    file: ProgressFile
    progress: Progress
    said: Callable[[Progress], None]
    sleep: Callable[[float], None]

    def run(self, places: Sequence[Place]) -> None:
        """Tell of these places; killed anywhere, what the file says has arrived."""
        for start in range(0, len(places), ROWS_AT_ONCE):
            some = places[start : start + ROWS_AT_ONCE]
            self._tell(some, self.log.rows(some))

    def _tell(self, places: Sequence[Place], rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), self.at_once):
            batch = rows[start : start + self.at_once]
            self.send(batch)
            last = places[start + len(batch) - 1]
            self.progress = replace(self.progress, sent=self.progress.sent + len(batch), last=last)
            self.file.keep(self.progress)
            self.said(self.progress)
            self.sleep(len(batch) / self.rate)
