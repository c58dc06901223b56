"""Write to standard output and error in any encoding, and report a failed write.

cron and CI often have ASCII, a full disk or no standard output at all.
"""

import codecs
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_ASCII = {"…": "...", "→": "->", "—": "-"}
"""Replacements for characters of our own messages; Rich draws tables in ASCII if necessary."""
_ERRORS = "orderbus.ascii"


class OutputError(Exception):
    """Standard output could not be written."""


class _Output(io.FileIO):
    """A file with its own type of write error."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise  # ends the command silently: cli/core/closed_pipe.py
        except OSError as error:
            raise OutputError(error.strerror) from error


class _Messages(io.FileIO):
    """Standard error: drop a message that cannot be written, and keep the exit code."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def prepare_streams() -> None:
    """Make both streams accept any text; raise OutputError without a standard output."""
    codecs.register_error(_ERRORS, _in_ascii)
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the process ends
    if sys.stdout is None:
        raise OutputError("it is closed")
    sys.stdout = _rewrapped(sys.stdout, _Output)
    sys.stderr = _rewrapped(sys.stderr, _Messages)


def _rewrapped(stream: TextIO, kind: type[io.FileIO]) -> TextIO:
    """Wrap the same file with the same encoding and buffering; return any other stream unchanged."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = kind(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        raw if stream.write_through else io.BufferedWriter(raw),  # as with `python -u`
        encoding=stream.encoding,
        errors=_ERRORS,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Return ASCII for our own characters, and Python's escapes for others."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    written = (_ASCII.get(each) or each.encode("ascii", "backslashreplace").decode() for each in characters)
    return "".join(written), error.end
