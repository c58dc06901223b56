"""A delivery note: a CSV file of what has come in, read whole and strictly before anything is done."""

import csv
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from functions.contracts.values import NAMESPACE, ReplenishmentId, Sku, StockLevel, StockLine, StockQuantity
from functions.contracts.warehouse import StockReplenished

COLUMNS = ("sku", "quantity", "reorder_level")
AT_ONCE = 99
"""Lines of one replenishment."""
SUFFIX = 6
"""Characters of a replenishment's id that number the parts of a note."""


class UnusableNoteError(Exception):
    """The note says something it may not; `rows` names each place and what is wrong there."""

    def __init__(self, rows: Sequence[str]) -> None:
        super().__init__("; ".join(rows))
        self.rows = tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """So many of an article came in; its reorder level, where the note has one."""

    sku: str
    quantity: int
    reorder_level: int | None = None


def read_note(rows: Iterable[str]) -> list[NoteLine]:
    """Every line of the note; raises `UnusableNoteError`, with all that is wrong, where anything is."""
    table = csv.reader(rows, strict=True)
    header = tuple(name.strip() for name in next(table, []))
    if header not in {COLUMNS, COLUMNS[:2]}:
        raise UnusableNoteError([f"line 1: the columns are {','.join(COLUMNS)}; the last may be left out"])
    lines: dict[str, NoteLine] = {}
    wrong: list[str] = []
    for number, cells in _numbered(table):
        try:
            line = _line(header, cells)
        except ValueError as error:  # msgspec's complaints among them
            wrong.append(f"line {number}: {error}")
            continue
        if line.sku in lines:
            wrong.append(f"line {number}: {line.sku} stands in an earlier line as well")
        lines[line.sku] = line
    if wrong or not lines:
        raise UnusableNoteError(wrong or ["line 2: there is no article in it"])
    return sorted(lines.values(), key=lambda line: line.sku)


def replenishments(note: Sequence[NoteLine], reference: str | None) -> list[StockReplenished]:
    """The note as facts, in parts that fit; the same note has the same ids, and so has the same reference."""
    name = reference or f"note-{uuid.uuid5(NAMESPACE, repr([(line.sku, line.quantity) for line in note]))}"
    if reference is not None:
        _check_reference(reference)
    return [
        StockReplenished(
            replenishment_id=f"{name}-{part // AT_ONCE + 1}",
            lines=tuple(
                StockLine(sku=line.sku, quantity=line.quantity) for line in note[part : part + AT_ONCE]
            ),
        )
        for part in range(0, len(note), AT_ONCE)
    ]


def _check_reference(reference: str) -> None:
    try:
        msgspec.convert(reference + "0" * SUFFIX, ReplenishmentId)
    except msgspec.ValidationError:
        raise UnusableNoteError(
            [f"a reference has letters, digits, dots, dashes and underscores, at most {64 - SUFFIX}"]
        ) from None


def _numbered(table: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, with their numbers, of which the header's is one."""
    number = 1
    try:
        for number, cells in enumerate(table, start=2):
            if cells:
                yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UnusableNoteError([f"line {number + 1}: {error}"]) from error


def _line(header: Sequence[str], cells: Sequence[str]) -> NoteLine:
    if len(cells) != len(header):
        raise ValueError("not as many cells as columns")
    sku, quantity, *levels = cells
    level = "".join(levels)
    return NoteLine(
        sku=_sku(sku),
        quantity=msgspec.convert(_whole(quantity), StockQuantity),
        reorder_level=msgspec.convert(_whole(level), StockLevel) if level else None,
    )


def _sku(text: str) -> str:
    try:
        return msgspec.convert(text, Sku)
    except msgspec.ValidationError:
        raise ValueError(f"{text!r} is no article, which is like TEAPOT or CUP-2") from None


def _whole(text: str) -> int:
    """Digits and nothing else: `int` would take ` 1_000 ` and Arabic-Indic ones as well."""
    if not (text.isascii() and text.isdigit() and len(text) <= len("1000000000")):
        raise ValueError(f"{text!r} is no whole number in digits")
    return int(text)
