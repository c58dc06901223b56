"""The file that keeps purged messages: one JSON document per line, as SQS had them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cli.dlq.destinations import Destination
from cli.dlq.message import DeadLetteredMessage


@dataclass(frozen=True, slots=True)
class PurgeFile:
    """An open file; every line is on the disk when `write` returns."""

    path: Path
    _lines: TextIO

    def destination(self, _message: DeadLetteredMessage) -> Destination:
        """Return the file as the destination of any message."""
        return Destination(to=f"file {self.path}", send=self._write)

    def _write(self, message: DeadLetteredMessage, _tag: str) -> None:
        document = {
            "queue": message.queue.name,
            "message_id": message.message_id,
            "sent_at": message.sent_at.isoformat(),
            "attributes": dict(message.attributes),
            "body": message.body,
        }
        self._lines.write(json.dumps(document) + "\n")
        self._lines.flush()
        os.fsync(self._lines.fileno())


@contextmanager
def open_purge_file(path: Path) -> Iterator[PurgeFile]:
    """Open the file to append; only its owner may read it, as events contain personal data."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as lines:
        yield PurgeFile(path, lines)
