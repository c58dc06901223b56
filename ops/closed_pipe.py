"""How a command ends whose output nobody reads any more, as in `orderbus dlq ls | head -3`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ops.exit_codes import ExitCode


@contextmanager
def quiet_when_unread() -> Iterator[None]:
    """End without a word, with the code that a shell has for it, where standard output has lost its reader.

    The signal of it stays ignored, as Python has it: it would end the process half-way through its work, and
    at the end of any other connection, too. https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        yield
    except SystemExit as left:
        # Typer and Rich have made this of it by now, with the code of a defect.
        if not isinstance(left.__context__, BrokenPipeError) and _is_read():
            raise
        # Python writes what is left when it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.UNREAD)


def _is_read() -> bool:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return False
    return True
