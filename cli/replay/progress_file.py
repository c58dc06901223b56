"""How far a replay has come, in a file that its command names: whoever runs it again goes on from there."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.core.errors import CommandError
from cli.core.event_log_reader import Place
from cli.core.exit_codes import ExitCode

HINT = "Name another file, or delete this one to begin anew: what arrives twice changes nothing."


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Everything up to a place has been sent, under a name."""

    replay: str
    asked_at: datetime
    """When that was first asked for: how long ago something is, is counted from then."""
    sent: int = 0
    last: Place | None = None

    def remaining(self, places: list[Place]) -> list[Place]:
        """Those after that place."""
        last = self.last
        return places if last is None else [place for place in places if place > last]


@dataclass(frozen=True, slots=True)
class ProgressFile:
    """The file, or none where none was named; it is for one wish, as that was typed, and one event log."""

    path: Path | None
    wish: str
    log: str
    """Which one: another stage's, or one that was made anew, has another history."""

    def read(self, *, otherwise: Progress) -> Progress:
        """What was done before, or that beginning."""
        if self.path is None or not self.path.exists():
            return otherwise
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            wish, log, progress = kept["wish"], kept["log"], _progress(kept)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(
                f"{self.path} is no progress of a replay.", hint=HINT, code=ExitCode.USAGE
            ) from error
        if wish != self.wish:
            raise CommandError(f"{self.path} is of another wish: {wish}.", hint=HINT, code=ExitCode.USAGE)
        if log != self.log:
            raise CommandError(f"{self.path} is of another event log.", hint=HINT, code=ExitCode.USAGE)
        return progress

    def refuse_unwritable(self) -> None:
        """A CommandError, before anything is sent, where what was sent could not be written down."""
        if self.path is None:
            return
        try:
            new = self._new(self.path)
            new.touch()
            new.unlink()
        except OSError as error:
            raise _unwritable(self.path) from error

    def keep(self, progress: Progress) -> None:
        """Write it down whole, or leave what is there: a file is replaced in one step."""
        if self.path is None or progress.last is None:
            return
        last = progress.last
        kept = {
            "wish": self.wish,
            "log": self.log,
            "replay": progress.replay,
            "asked_at": progress.asked_at.isoformat(),
            "sent": progress.sent,
            "last": {"time": last.time.isoformat(), "pk": last.pk, "sk": last.sk, "fact": last.fact},
        }
        new = self._new(self.path)
        try:
            new.write_text(json.dumps(kept) + "\n", encoding="utf-8")
            new.replace(self.path)
        except OSError as error:
            raise _unwritable(self.path) from error

    @staticmethod
    def _new(path: Path) -> Path:
        return path.with_name(f"{path.name}.new")


def _unwritable(path: Path) -> CommandError:
    hint = "Name a file that can be written; to begin anew is safe."
    return CommandError(f"{path} cannot be written.", hint=hint, code=ExitCode.USAGE)


def _progress(kept: dict[str, Any]) -> Progress:
    last = kept["last"]
    place = Place(datetime.fromisoformat(last["time"]), last["pk"], last["sk"], last["fact"])
    asked_at = datetime.fromisoformat(kept["asked_at"])
    return Progress(replay=kept["replay"], asked_at=asked_at, sent=kept["sent"], last=place)
