"""The only place that writes to standard output and standard error.

Partners and customers choose part of what a command prints. A control character of theirs could move the
cursor, hide a line or reverse text, so all text is escaped here: https://cwe.mitre.org/data/definitions/150.html
"""

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from rich import box
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

UNLIMITED_COLUMNS = 10_000
"""Width of a pipe or a file: nothing in it is shortened or folded."""
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {
    chr(point)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for point in range(first, last + 1)
}
"""Characters without a glyph: Default_Ignorable_Code_Point outside the categories that are escaped.

https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
"""
SPACE_CATEGORY = "Zs"

Line = Text
"""A styled line, as `styled` returns it."""


def escaped(text: str) -> str:
    r"""Return the text with every invisible character as JSON's escape, as in `\u202e` and `\n`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _is_visible(character) else _escape(character) for character in text)


def styled(*parts: str | tuple[str, str]) -> Text:
    """Return one line of parts; a pair is text and its style."""
    line = Text()
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        line.append(escaped(words), style)
    return line


class Terminal(Console):
    """A Rich console that interprets neither markup, emoji names nor control characters in what it prints."""

    def render_str(
        self, text: str, *, style: str | Style = "", justify: JustifyMethod | None = None, **_: object
    ) -> Text:
        """Return the text escaped, so that it is measured as it will be printed."""
        return Text(escaped(text), style=style, justify=justify)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Escape what reaches the output as a `Text` made elsewhere, too; line ends are Rich's own."""
        for segment in super().render(renderable, options):
            lines = segment.text.split("\n")
            text = "\n".join(map(escaped, lines))
            yield segment if segment.control or text == segment.text else Segment(text, segment.style)

    def print_lines(self, text: str, style: str | None = None) -> None:
        """Print a text of several lines."""
        for line in text.split("\n"):
            self.print(line, style=style)

    def print_table(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        title: str = "",
        styles: Mapping[int, str] = MappingProxyType({}),
        right: frozenset[int] = frozenset(),
    ) -> None:
        """Print a table, or each row as a paragraph if the table does not fit."""
        if title:
            self.print(title, style="italic")
        self.print(self.table(headers, rows, styles=styles, right=right))

    def table(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        styles: Mapping[int, str] = MappingProxyType({}),
        right: frozenset[int] = frozenset(),
    ) -> RenderableType:
        """Return a table that shortens and folds no word.

        `styles` are by row; `right` are the columns of numbers.
        """
        shown = list(rows)
        unlimited = self.options.update(width=UNLIMITED_COLUMNS)
        for padding in (1, 0):
            table = _table(headers, shown, styles, right, padding)
            if Measurement.get(self, unlimited, table).maximum <= self.width:
                return table
        return _paragraphs(headers, shown, styles, self.width)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Yield a function that replaces the progress line."""
        with self.status(Text()) as status:
            yield lambda words: status.update(styled(words))


def terminal(*, stderr: bool = False) -> Terminal:
    """Return the console of standard output or error; outside a terminal, lines are unlimited."""
    stream = sys.stderr if stderr else sys.stdout
    is_limited = stream.isatty() or os.environ.get("COLUMNS", "").isdecimal()
    return Terminal(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        width=None if is_limited else UNLIMITED_COLUMNS,
    )


def write_json(document: object, *, indent: int | None = None) -> None:
    """Write one JSON document to standard output, in ASCII without a control character."""
    sys.stdout.write(json.dumps(document, indent=indent).replace("\x7f", "\\u007f") + "\n")
    sys.stdout.flush()


def _table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    styles: Mapping[int, str],
    right: frozenset[int],
    padding: int,
) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, padding, 0, 0),
        pad_edge=False,
        show_edge=False,
        show_header=any(headers),
    )
    for index, header in enumerate(headers):
        table.add_column(Text(header), justify="right" if index in right else "left", no_wrap=True)
    for index, row in enumerate(rows):
        table.add_row(*row, style=styles.get(index))
    return table


def _paragraphs(
    headers: Sequence[str], rows: Sequence[Sequence[str]], styles: Mapping[int, str], columns: int
) -> Text:
    text = Text(no_wrap=True, overflow="ignore")
    for index, (first, *rest) in enumerate(rows):
        details = [
            f"{_in_one_line(header)}: {escaped(cell)}"
            for header, cell in zip(headers[1:], rest, strict=True)
            if cell
        ]
        lines = [escaped(first), *_filled(details, columns)]
        text.append("\n".join(lines) + ("\n" if index < len(rows) - 1 else ""), styles.get(index))
    return text


def _filled(cells: Sequence[str], columns: int) -> list[str]:
    """Return indented lines of whole cells; one that is too long has a line of its own."""
    lines: list[str] = []
    for cell in cells:
        if lines and len(lines[-1]) + len(cell) + 2 <= columns:
            lines[-1] += f", {cell}"
        else:
            lines.append(f"  {cell}")
    return lines


def _in_one_line(header: str) -> str:
    return header.replace("-\n", "").replace("\n", " ")


def _is_visible(character: str) -> bool:
    is_printable = character.isprintable() or unicodedata.category(character) == SPACE_CATEGORY
    return is_printable and character not in INVISIBLE


def _escape(character: str) -> str:
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]
