"""What every command is: a dataclass whose fields are its options, with a method that runs it."""

from typing import Annotated, Protocol

import typer

from cli.core.exit_codes import ExitCode

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without --yes, only show what would be done.")]


class Command(Protocol):
    """A command with the values of its options."""

    def run(self) -> ExitCode:
        """Run it and return the exit code."""
