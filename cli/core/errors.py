"""The failure of a command: an error, a hint and an exit code."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal


class CommandError(Exception):
    """An error that ends the command; `hint` is what the user can do."""

    def __init__(self, message: str, *, hint: str, code: ExitCode) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


def exclude(one: str, other: str) -> CommandError:
    """Return the error of two options that contradict each other."""
    return CommandError(f"{one} and {other} exclude each other.", hint="Leave one out.", code=ExitCode.USAGE)


@contextmanager
def cli_errors() -> Iterator[None]:
    """Print a CommandError to stderr and exit with its code."""
    try:
        yield
    except CommandError as error:
        console = terminal(stderr=True)
        console.print_lines(str(error), style="red")
        console.print_lines(error.hint)
        raise typer.Exit(error.code) from error


@contextmanager
def escaped_tracebacks() -> Iterator[None]:
    """Print the traceback of a defect escaped, as its message may contain text from outside."""
    try:
        yield
    except Exception as defect:  # noqa: BLE001 - any exception ends the process
        console = terminal(stderr=True)
        for part in traceback.format_exception(defect):
            console.print_lines(part.removesuffix("\n"))
        sys.exit(ExitCode.UNEXPECTED)
