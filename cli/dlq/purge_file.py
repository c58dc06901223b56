"""What is purged, kept in a file first: one JSON object a line, as SQS had it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cli.dlq.destinations import Way
from cli.dlq.message import DeadLetter


@dataclass(frozen=True, slots=True)
class Keeping:
    """An open file; what is in it is on the disk."""

    path: Path
    _lines: TextIO

    def way(self, _letter: DeadLetter) -> Way:
        """Every letter goes there."""
        return Way(to=f"file {self.path}", send=self._write)

    def _write(self, letter: DeadLetter, _tag: str) -> None:
        kept = {
            "queue": letter.box.arn.rpartition(":")[2],
            "message_id": letter.message_id,
            "sent_at": letter.sent_at.isoformat(),
            "attributes": dict(letter.attributes),
            "body": letter.body,
        }
        self._lines.write(json.dumps(kept) + "\n")
        self._lines.flush()
        os.fsync(self._lines.fileno())


@contextmanager
def keeping(path: Path) -> Iterator[Keeping]:
    """The file, for its owner's eyes only, as events hold what is personal; it is added to, never emptied."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as lines:
        yield Keeping(path, lines)
