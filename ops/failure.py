"""How a command fails: one sentence, a hint, an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

from ops.exit_codes import ExitCode


class CommandError(Exception):
    """The command cannot go on; `hint` says what the person can do about it."""

    def __init__(self, sentence: str, *, hint: str, code: ExitCode) -> None:
        super().__init__(sentence)
        self.hint = hint
        self.code = code


@contextmanager
def failures_said() -> Iterator[None]:
    """Say a CommandError on stderr and leave with its exit code."""
    try:
        yield
    except CommandError as error:
        console = Console(stderr=True, soft_wrap=True, highlight=False)
        console.print(f"[red]{escape(str(error))}[/red]\n{escape(error.hint)}")
        raise typer.Exit(error.code) from error
