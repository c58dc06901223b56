"""How a command ends whose output cannot be written or is not read, as in `orderbus dlq ls | head -3`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cli.core.exit_codes import ExitCode
from cli.core.output import OutputError


@contextmanager
def quiet_when_unread() -> Iterator[None]:
    """End with its own exit code if standard output cannot be written, and silently if its reader has left.

    The signal of it stays ignored, as Python has it: it would end the process half-way through its work, and
    at the end of any other connection, too. https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        yield
    except OutputError as error:
        _fail(error)
    except SystemExit as left:
        # Typer and Rich have made this of it by now, with the code of a defect.
        if isinstance(left.__context__, BrokenPipeError) or not _is_read():
            _drop_output()
            sys.exit(ExitCode.UNREAD)
        raise


def _is_read() -> bool:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return False
    except OutputError as error:
        _fail(error)
    return True


def _fail(error: OutputError) -> None:
    sys.stderr.write(
        f"Standard output cannot be written: {error}.\n"
        "Redirect it to a file on a disk with free space, or to /dev/null; check what the command has done.\n"
    )
    _drop_output()
    sys.exit(ExitCode.OUTPUT_FAILED)


def _drop_output() -> None:
    """Python writes what is left when it ends, and would report the error again."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
