"""Standard output and standard error of the functions: each line to the log of the function that wrote it."""

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Console(io.TextIOBase):
    """A text stream whose lines go to whoever is running.

    One for the whole process: a logging handler that was made in one sandbox is shared with all others, since
    `logging` is, and must not write into the log of the sandbox that happened to make it.
    """

    def __init__(self) -> None:
        self._takers: list[Callable[[str], None]] = []
        self._line = ""

    def write(self, text: str) -> int:
        """Pass on each line as it is completed; without a running function, to the real standard error."""
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
        """It is there to be written to."""
        return True

    @contextmanager
    def captured(self, take: Callable[[str], None]) -> Iterator[None]:
        """Hand to `take` whatever is written to standard output and standard error meanwhile."""
        self._takers.append(take)
        try:
            with contextlib.redirect_stdout(self), contextlib.redirect_stderr(self):
                yield
        finally:
            if self._line:
                self.write("\n")
            self._takers.pop()


CONSOLE = Console()
