"""Every `orderbus` command of a page exists, with its options, and every target of make."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cli.core.lazy_group import LazyCommand
from cli.main import app
from tests.docs.pages import PAGES, ROOT, commands, name

CLI = ROOT / "docs" / "cli.md"
INLINE_COMMAND = re.compile(r"`((?:\.venv/bin/)?orderbus [a-z][^`…|]+)`")
"""A command without alternatives, such as `ls|show`."""
MAKE = re.compile(r"`make ([a-z][a-z-]*)")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
WITH_COMMANDS = [page for page in PAGES if commands(page)]


Command = TyperCommand | TyperGroup


@cache
def commands_of(group: TyperGroup) -> dict[str, Command]:
    """Return the group's commands, with lazy ones loaded."""
    found: dict[str, Command] = {}
    for each, command in group.commands.items():
        loaded = command.load() if isinstance(command, LazyCommand) else command
        assert isinstance(loaded, Command)
        found[each] = loaded
    return found


@cache
def root() -> Command:
    """Return `orderbus` itself."""
    command = get_command(app)
    assert isinstance(command, Command)
    return command


def unknown_in(line: str) -> list[str]:
    """Return the command's words that the command line does not know."""
    command = root()
    words = iter(shlex.split(line)[1:])
    while isinstance(command, TyperGroup):
        word = next(words, "")
        if word not in commands_of(command):
            return [] if word.startswith("--") or not word else [word]
        command = commands_of(command)[word]
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
    return [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]


def names(command: Command, path: str = "orderbus") -> list[str]:
    """Return the full names of all commands."""
    if not isinstance(command, TyperGroup):
        return [path]
    return [found for each, sub in commands_of(command).items() for found in names(sub, f"{path} {each}")]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name)
def test_commands_and_their_options_exist(page: Path) -> None:
    assert {line: unknown for line in commands(page) if (unknown := unknown_in(line))} == {}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_in_sentences_exist(page: Path) -> None:
    found = INLINE_COMMAND.findall(page.read_text())
    assert {line: unknown for line in found if (unknown := unknown_in(line))} == {}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_targets_of_make_exist(page: Path) -> None:
    targets = {*TARGET.findall((ROOT / "Makefile").read_text())}
    assert {*MAKE.findall(page.read_text())} <= targets


def test_page_on_the_command_line_names_every_command() -> None:
    table = CLI.read_text().partition("\n## ")[0]
    missing = [full for full in names(root()) if f"`{full}`" not in table and not _grouped(full, table)]
    assert missing == []


def _grouped(full: str, table: str) -> bool:
    """Whether the table names the command in the row of its group."""
    group, _, last = full.rpartition(" ")
    return any(f"`{group} " in row and f"`{last}`" in row for row in table.splitlines())


@pytest.mark.parametrize("line", ["orderbus dlq repair", "orderbus replay --form-archive", "orderbus x"])
def test_unknown_command_or_option_is_found(line: str) -> None:
    assert unknown_in(line)
