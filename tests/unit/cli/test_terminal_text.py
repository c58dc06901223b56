"""Text from strangers never steers a terminal, and nothing in a table is shortened."""

import ast
import io
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from cli.core.errors import CommandError, cli_errors, escaped_tracebacks
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import escaped, styled, terminal, write_json

CLI = Path(__file__).parents[3] / "cli"
MARKUP = "[/red] [bold]x[/] [link=http://e.example]y :bug:"
HOSTILE = [
    *(
        chr(point)
        for point in (*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
    ),
    *"\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u034f\u115f\u3164\uffa0\ufe0f\ud800\udfff",
    "\U000e0041",
    "\U000e0100",
]
IDENTIFIER = "0e8400e2-1111-4b3a-9c7e-aaaabbbbcccc"


@contextmanager
def printing(monkeypatch: pytest.MonkeyPatch, *, columns: int | None = None) -> Iterator[io.StringIO]:
    """Standard output as a pipe has it, or as wide as COLUMNS says."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", str(columns))
    yield out


@pytest.mark.parametrize("character", HOSTILE, ids=lambda character: f"{ord(character):04x}")
def test_invisible_character_is_escaped_however_it_is_printed(
    monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    text = f"a{character}b"
    with printing(monkeypatch) as out:
        console = terminal()
        console.print(text)
        console.print(styled(text, (text, "red")))
        console.print(Text(text.replace("\n", "")))  # line ends are Rich's own
        console.print_table(("one", "two"), [(text, text)], title=text)
        with console.progress() as show:
            show(text)
        write_json({text: text})
    written = out.getvalue()
    assert set(character) & set(written.replace("\n", "")) == set()
    assert [line for line in written.split("\n") if line in {"a", "b"}] == []
    assert json.loads(f'"{escaped(text)}"') == text


@given(st.text(st.characters()))
def test_escaped_text_is_visible_and_decodes_to_the_original(text: str) -> None:
    shown = escaped(text)
    assert {unicodedata.category(each) for each in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
    assert escaped(shown) == shown
    if not set('"\\') & set(text):
        decoded = json.loads(f'"{shown}"')
        assert decoded.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


@pytest.mark.parametrize("text", ["Ångström", "山田\u3000太郎", "😀", "l\u00a0été", "\\u202e"])
def test_text_people_read_is_printed_as_it_is(text: str) -> None:
    assert escaped(text) == text


def test_markup_is_printed_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    with printing(monkeypatch) as out:
        console = terminal()
        console.print(MARKUP)
        console.print(styled((MARKUP, "bold")))
        console.print_table((MARKUP,), [(MARKUP,)], title=MARKUP)
        with console.progress() as show:
            show(MARKUP)
    assert out.getvalue().count(MARKUP) == 5


def test_error_shows_a_strangers_text_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    error = CommandError(f"no {MARKUP}\u009b31m\u202e.", hint="look\x1b]0;x\x07", code=ExitCode.USAGE)
    with pytest.raises(BaseException, match="2"), cli_errors():
        raise error
    assert capsys.readouterr().err == f"no {MARKUP}\\u009b31m\\u202e.\nlook\\u001b]0;x\\u0007\n"


def test_traceback_shows_a_strangers_text_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"), escaped_tracebacks():
        raise ValueError("a\x1b[31m\u202eb")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "ValueError: a\\u001b[31m\\u202eb"


@pytest.mark.parametrize("columns", [60, 76])
def test_table_shortens_no_word_when_it_is_too_wide(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    rows = [
        (IDENTIFIER, "shipped", "12"),
        (f"{IDENTIFIER}-and-more-of-it", "received_too_often", "3"),
    ]
    with printing(monkeypatch, columns=columns) as out:
        terminal().print_table(("order", "a long header", "in\nflight"), rows)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= columns
    assert lines == [
        IDENTIFIER,
        "  a long header: shipped, in flight: 12",
        f"{IDENTIFIER}-and-more-of-it",
        "  a long header: received_too_often, in flight: 3",
    ]


def test_pipe_gets_every_row_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(IDENTIFIER * 9, "x" * 200)]
    with printing(monkeypatch) as out:
        terminal().print_table(("order", "reason"), rows)
    assert out.getvalue().splitlines()[-1].split() == list(rows[0])


FORBIDDEN = re.compile(
    r"(sys\.)?(__)?(stdout|stderr)(__)?\.(buffer\.)?(write|writelines)$|^print$|^(typer|click)\.(echo|secho)$"
    r"|^os\.write$|^(\w+\.)?(Console|Text|Table|Panel|Markdown)$|^(\w+\.)?from_markup$|^rprint$"
)
WRITERS = {
    "terminal_text.py": "the place itself",
    "closed_pipe.py": "its own message, without a stranger's text",
}


@pytest.mark.parametrize(
    "path", [path for path in CLI.rglob("*.py") if path.name not in WRITERS], ids=lambda path: path.name
)
def test_command_prints_nowhere_but_in_terminal_text(path: Path) -> None:
    assert list(_writes(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "print(x)",
        "sys.stdout.write(x)",
        "typer.echo(x)",
        "Console().print(x)",
        "console.Console()",
        "Text(x)",
    ],
)
def test_way_around_terminal_text_is_found(line: str) -> None:
    assert list(_writes(f"def f(x):\n    {line}\n"))


def _writes(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and FORBIDDEN.search(name := ast.unparse(node.func)):
            yield f"line {node.lineno}: {name}"
