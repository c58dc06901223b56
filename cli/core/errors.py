"""How a command fails: one sentence, a hint, an exit code."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal


class CommandError(Exception):
    """The command cannot go on; `hint` says what the person can do about it."""

    def __init__(self, sentence: str, *, hint: str, code: ExitCode) -> None:
        super().__init__(sentence)
        self.hint = hint
        self.code = code


def exclude(one: str, other: str) -> CommandError:
    """Return the error of two options that contradict each other."""
    return CommandError(f"{one} and {other} exclude each other.", hint="Leave one out.", code=ExitCode.USAGE)


@contextmanager
def cli_errors() -> Iterator[None]:
    """Say a CommandError on stderr and leave with its exit code."""
    try:
        yield
    except CommandError as error:
        console = terminal(stderr=True)
        console.print_lines(str(error), style="red")
        console.print_lines(error.hint)
        raise typer.Exit(error.code) from error


@contextmanager
def tracebacks_escaped() -> Iterator[None]:
    """Print a defect's traceback escaped, as its message may hold what a stranger wrote."""
    try:
        yield
    except Exception as defect:  # noqa: BLE001 - whichever it is, the process ends with it
        console = terminal(stderr=True)
        for part in traceback.format_exception(defect):
            console.print_lines(part.removesuffix("\n"))
        sys.exit(ExitCode.UNEXPECTED)
