"""Draw the output of `orderbus demo` as docs/demo.svg: `python -m tests.docs.screenshot`."""

import os
import re
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from cli.core.terminal_text import Terminal
from cli.main import app

FILE = Path(__file__).parents[2] / "docs" / "demo.svg"
COMMAND = "orderbus demo --orders 20 --seed 7"
COLUMNS = 116
FIRST_LINE = "The journey of order"
"""Progress bars come before it."""
_FONT_FACES = re.compile(r"\s*@font-face \{\{.*?\}\}", re.DOTALL)
_REAL_TIME = re.compile(r"^.*real time.*\n", re.MULTILINE)


class _Recorder(Terminal):
    """A terminal that remembers what it prints."""

    last: "_Recorder"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"record": True, "width": COLUMNS})
        _Recorder.last = self


def screenshot() -> str:
    """Run the demo and return its output as SVG, without the figures that differ between two runs."""
    _, *arguments = COMMAND.split()
    with patch("cli.core.terminal_text.Terminal", _Recorder), patch.dict(os.environ, COLUMNS=str(COLUMNS)):
        result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    output = _REAL_TIME.sub("", _Recorder.last.export_text(styles=True))
    lines = output.splitlines()
    first = next(number for number, line in enumerate(lines) if FIRST_LINE in line)
    return _drawn("\n".join(lines[first:]))


def _drawn(output: str) -> str:
    """Draw the text in the reader's own monospaced font."""
    console = Console(record=True, width=COLUMNS, file=StringIO())
    console.print(Text.from_ansi(output))
    form = _FONT_FACES.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code, monospace", "monospace")
    return console.export_svg(title=COMMAND, code_format=form, unique_id="demo")


if __name__ == "__main__":
    FILE.write_text(screenshot())
