"""Standard output and standard error of functions: pass each line to the running function's log."""

import io
import sys
from collections.abc import Callable
from typing import Any


class Console(io.TextIOBase):
    """A text stream that passes its lines to the running function.

    The process has only one: a logging handler created in one sandbox is shared by all, because `logging` is
    shared, and must not write to the log of the sandbox that created it.
    """

    def __init__(self) -> None:
        self._takers: list[Callable[[str], None]] = []
        self._outer: list[tuple[Any, Any]] = []
        self._line = ""

    def write(self, text: str) -> int:
        """Pass each complete line to the running function, or to the real standard error if there is none."""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._take(line)
        return len(text)

    def _take(self, line: str) -> None:
        if self._takers:
            self._takers[-1](line)
        elif sys.__stderr__ is not None:
            sys.__stderr__.write(line + "\n")

    def writable(self) -> bool:
        """Return True."""
        return True

    def capture(self, take: Callable[[str], None]) -> None:
        """Pass standard output and standard error to `take` until `release`."""
        self._takers.append(take)
        self._outer.append((sys.stdout, sys.stderr))
        sys.stdout = sys.stderr = self

    def release(self) -> None:
        """Restore what `capture` replaced."""
        sys.stdout, sys.stderr = self._outer.pop()
        if self._line:
            self.write("\n")
        self._takers.pop()


CONSOLE = Console()
