"""Every `orderbus` command in a code block of a page exists, with its options."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.core.lazy_group import LazyCommand
from cli.main import app
from tests.docs.pages import PAGES, ROOT, commands, name

CLI = ROOT / "docs" / "cli.md"
WITH_COMMANDS = [page for page in PAGES if commands(page)]


def unknown_in(line: str) -> list[str]:
    """Return the command's words that the command line does not know."""
    command: Any = get_command(app)
    words = iter(shlex.split(line)[1:])
    while isinstance(command, TyperGroup):
        word = next(words, "")
        found = command.get_command(command.context_class(command), word)
        if found is None:
            return [] if word.startswith("--") or not word else [word]
        command = found.load() if isinstance(found, LazyCommand) else found
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
    return [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]


def names(command: Any, path: str = "orderbus") -> list[str]:
    """Return the full names of all commands."""
    if isinstance(command, LazyCommand):
        command = command.load()
    if not isinstance(command, TyperGroup):
        return [path]
    context = command.context_class(command)
    children = {child: command.get_command(context, child) for child in command.list_commands(context)}
    return [found for child, sub in children.items() if sub for found in names(sub, f"{path} {child}")]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name)
def test_commands_and_their_options_exist(page: Path) -> None:
    assert {line: unknown for line in commands(page) if (unknown := unknown_in(line))} == {}


def test_page_on_the_command_line_names_every_command() -> None:
    table = CLI.read_text().partition("\n## ")[0]
    missing = [
        full for full in names(get_command(app)) if f"`{full}`" not in table and not _grouped(full, table)
    ]
    assert missing == []


def _grouped(full: str, table: str) -> bool:
    """Whether the table names the command in the row of its group."""
    group, _, last = full.rpartition(" ")
    return any(f"`{group} " in row and f"`{last}`" in row for row in table.splitlines())


@pytest.mark.parametrize("line", ["orderbus dlq repair", "orderbus replay --form-archive", "orderbus x"])
def test_unknown_command_or_option_is_found(line: str) -> None:
    assert unknown_in(line)
