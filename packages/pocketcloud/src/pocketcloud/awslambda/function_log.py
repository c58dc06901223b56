"""The log of a function: its own lines and those of Lambda, the latest of each."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from pocketcloud.core.compact_list import CompactList

MAXIMUM_LINES = 10_000
_COMPRESSED_FROM = 1_000
"""The limit from which lines are compressed; fewer lines take little memory."""

_Entry = tuple[int, datetime, str, str]
"""The number of a line in the log group, its time, its text and its stream."""

_Lines = CompactList[_Entry] | deque[_Entry]


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line in a function's log, with its time."""

    at: datetime
    text: str
    stream: str = ""
    """Name of the log stream."""


class FunctionLog:
    """At most `limit` lines that the function printed, and of the log group; iterates over the former."""

    def __init__(self, limit: int = MAXIMUM_LINES) -> None:
        self.limit = limit
        self._printed, self._platform = _no_lines(limit), _no_lines(limit)
        self._count = 0

    def __iter__(self) -> Iterator[LogLine]:
        """Yield the last lines of standard output and standard error."""
        return self._last(self._printed)

    def group_lines(self) -> Iterator[LogLine]:
        """Yield the last lines of the log group: also the lines of Lambda itself."""
        return self._last(merge(self._printed, self._platform))

    def print(self, at: datetime, text: str, stream: str) -> None:
        """Append a line of the function."""
        self._append(self._printed, at, text, stream)

    def add_platform_line(self, at: datetime, text: str, stream: str) -> None:
        """Append a line of Lambda itself."""
        self._append(self._platform, at, text, stream)

    def _append(self, lines: _Lines, at: datetime, text: str, stream: str) -> None:
        self._count += 1
        lines.append((self._count, at, text, stream))
        if isinstance(lines, CompactList):
            lines.keep_last(self.limit)

    def _last(self, entries: Iterable[_Entry]) -> Iterator[LogLine]:
        for _, at, text, stream in deque(entries, maxlen=self.limit):
            yield LogLine(at, text, stream)


def _no_lines(limit: int) -> _Lines:
    return CompactList() if limit >= _COMPRESSED_FROM else deque(maxlen=limit)
