"""Exit codes for a failed or unread standard output, as in `orderbus dlq ls | head -3`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cli.core.exit_codes import ExitCode
from cli.core.output import OutputError


@contextmanager
def closed_pipes() -> Iterator[None]:
    """Exit with OUTPUT_FAILED if standard output cannot be written, and silently if its reader is gone.

    SIGPIPE stays ignored, Python's default: it would end the process in the middle of its work, and for
    other connections, too. https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        yield
    except OutputError as error:
        _exit_with_error(error)
    except SystemExit as system_exit:
        # Typer and Rich turn a broken pipe into an exit with the code of a defect.
        if isinstance(system_exit.__context__, BrokenPipeError) or not _has_reader():
            _discard_output()
            sys.exit(ExitCode.UNREAD)
        raise


def _has_reader() -> bool:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return False
    except OutputError as error:
        _exit_with_error(error)
    return True


def _exit_with_error(error: OutputError) -> None:
    sys.stderr.write(
        f"Standard output cannot be written: {error}.\n"
        "Redirect it to a file on a disk with free space, or to /dev/null; check what the command has done.\n"
    )
    _discard_output()
    sys.exit(ExitCode.OUTPUT_FAILED)


def _discard_output() -> None:
    """Redirect standard output to /dev/null: Python flushes it at exit and would report the error again."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
