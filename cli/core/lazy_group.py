"""A command group that imports a command's module when the command is needed, and not for `--help`.

The same idea as in Click's documentation: https://click.palletsprojects.com/en/stable/complex/#lazily-loading-subcommands
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


class LazyCommand(TyperCommand):
    """A command as `--help` and completion show it: its name, panel and summary."""

    def __init__(self, name: str, source: str, panel: str, summary: str) -> None:
        super().__init__(name, help=summary, rich_help_panel=panel)
        self._source = source

    def load(self) -> TyperCommand | TyperGroup:
        """Import `module:attribute`, a `typer.Typer`, and return its command or its group of commands."""
        command = _loaded(self._source)
        command.help = command.help or self.help
        return command


@cache
def _loaded(source: str) -> TyperCommand | TyperGroup:
    module, _, attribute = source.partition(":")
    command = get_command(getattr(import_module(module), attribute))
    if not isinstance(command, TyperCommand | TyperGroup):
        raise TypeError(f"{source} is not a Typer application.")
    return command


class LazyGroup(TyperGroup):
    """A group whose commands are listed by `lazy_commands`."""

    lazy_commands: ClassVar[Sequence[LazyCommand]] = ()

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Typer's own
        super().__init__(**{**options, "commands": self.lazy_commands})

    def resolve_command(
        self,
        ctx: typer.Context,  # type: ignore[override]  # the base class names a private one
        args: list[str],
    ) -> tuple[str | None, TyperCommand | TyperGroup | None, list[str]]:
        """Return the loaded command that the arguments begin with."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else None, rest
