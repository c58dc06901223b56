"""The file that `--progress` names: how far a replay has come, to resume it."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.core.errors import CommandError
from cli.core.event_log_reader import Place
from cli.core.exit_codes import ExitCode

HINT = "Name another file, or delete this one to start again: a fact that arrives twice changes nothing."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayProgress:
    """The last fact sent, and the replay's name."""

    replay: str
    asked_at: datetime
    """The time of the first run; durations like 2h count back from it."""
    sent: int = 0
    last: Place | None = None

    def remaining(self, places: list[Place]) -> list[Place]:
        """Return the places after the last one sent."""
        last = self.last
        return places if last is None else [place for place in places if place > last]


@dataclass(frozen=True, slots=True)
class ProgressFile:
    """The progress of one request on one event log; without a path, nothing is kept."""

    path: Path | None
    request: str
    """The options as typed."""
    log: str
    """The identity of the event log; another stage or a new table has another history."""

    def read(self, *, default: ReplayProgress) -> ReplayProgress:
        """Return the recorded progress, or the default without a file."""
        if self.path is None or not self.path.exists():
            return default
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            request, log, progress = document["request"], document["log"], _progress(document)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(
                f"{self.path} is not a progress file of a replay.", hint=HINT, code=ExitCode.USAGE
            ) from error
        if request != self.request:
            raise CommandError(
                f"{self.path} belongs to another request: {request}.", hint=HINT, code=ExitCode.USAGE
            )
        if log != self.log:
            raise CommandError(f"{self.path} belongs to another event log.", hint=HINT, code=ExitCode.USAGE)
        return progress

    def require_writable(self) -> None:
        """Raise CommandError, before anything is sent, if the progress cannot be recorded."""
        if self.path is None:
            return
        try:
            new = self._new(self.path)
            new.touch()
            new.unlink()
        except OSError as error:
            raise _unwritable(self.path) from error

    def write(self, progress: ReplayProgress) -> None:
        """Replace the file in one step, so that it is always complete."""
        if self.path is None or progress.last is None:
            return
        last = progress.last
        document = {
            "request": self.request,
            "log": self.log,
            "replay": progress.replay,
            "asked_at": progress.asked_at.isoformat(),
            "sent": progress.sent,
            "last": {"time": last.time.isoformat(), "pk": last.pk, "sk": last.sk, "fact": last.fact},
        }
        new = self._new(self.path)
        try:
            new.write_text(json.dumps(document) + "\n", encoding="utf-8")
            new.replace(self.path)
        except OSError as error:
            raise _unwritable(self.path) from error

    @staticmethod
    def _new(path: Path) -> Path:
        return path.with_name(f"{path.name}.new")


def _unwritable(path: Path) -> CommandError:
    hint = "Name a writable file; starting again is safe."
    return CommandError(f"{path} cannot be written.", hint=hint, code=ExitCode.USAGE)


def _progress(document: dict[str, Any]) -> ReplayProgress:
    last = document["last"]
    place = Place(datetime.fromisoformat(last["time"]), last["pk"], last["sk"], last["fact"])
    asked_at = datetime.fromisoformat(document["asked_at"])
    return ReplayProgress(replay=document["replay"], asked_at=asked_at, sent=document["sent"], last=place)
