"""A delivery note: a CSV file of received stock, validated as a whole before anything is added."""

import csv
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from functions.contracts import heartbeat
from functions.contracts.values import NAMESPACE, ReplenishmentId, Sku, StockLevel, StockLine, StockQuantity
from functions.contracts.warehouse import StockReplenished

COLUMNS = ("sku", "quantity", "reorder_level")
LINES_PER_REPLENISHMENT = 99
SUFFIX_LENGTH = 6
"""Characters reserved in a replenishment's id for the number of the part."""


RESERVED = f"{heartbeat.SKU} is the SKU of synthetic orders: only the heartbeat adds its stock"
"""Inventory rejects such a delivery from any other sender, and sends it to its dead-letter queue."""


class UnusableNoteError(Exception):
    """The note is invalid; `rows` has one message per line."""

    def __init__(self, rows: Sequence[str]) -> None:
        super().__init__("; ".join(rows))
        self.rows = tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """The quantity received of one SKU, and its reorder level if the note has one."""

    sku: str
    quantity: int
    reorder_level: int | None = None


def read_note(rows: Iterable[str]) -> list[NoteLine]:
    """Return the lines sorted by SKU; raise `UnusableNoteError` with every error."""
    table = csv.reader(rows, strict=True)
    header = tuple(name.strip() for name in next(table, []))
    if header not in {COLUMNS, COLUMNS[:2]}:
        raise UnusableNoteError([f"line 1: the columns are {','.join(COLUMNS)}; the last is optional"])
    lines: dict[str, NoteLine] = {}
    errors: list[str] = []
    for number, cells in _numbered(table):
        try:
            line = _line(header, cells)
        except ValueError as error:  # includes msgspec.ValidationError
            errors.append(f"line {number}: {error}")
            continue
        if line.sku in lines:
            errors.append(f"line {number}: {line.sku} is in an earlier line, too")
        lines[line.sku] = line
    if errors or not lines:
        raise UnusableNoteError(errors or ["line 2: there is no SKU"])
    return sorted(lines.values(), key=lambda line: line.sku)


def replenishments(note: Sequence[NoteLine], reference: str | None) -> list[StockReplenished]:
    """Return the note as facts, in parts that fit; the same reference or contents give the same ids."""
    name = reference or f"note-{uuid.uuid5(NAMESPACE, repr([(line.sku, line.quantity) for line in note]))}"
    if reference is not None:
        _check_reference(reference)
    return [
        StockReplenished(
            replenishment_id=f"{name}-{part // LINES_PER_REPLENISHMENT + 1}",
            lines=tuple(
                StockLine(sku=line.sku, quantity=line.quantity)
                for line in note[part : part + LINES_PER_REPLENISHMENT]
            ),
        )
        for part in range(0, len(note), LINES_PER_REPLENISHMENT)
    ]


def _check_reference(reference: str) -> None:
    try:
        msgspec.convert(reference + "0" * SUFFIX_LENGTH, ReplenishmentId)
    except msgspec.ValidationError:
        raise UnusableNoteError(
            [f"a reference has A-Z, a-z, 0-9, dots, dashes and underscores, at most {64 - SUFFIX_LENGTH}"]
        ) from None


def _numbered(table: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, with their line numbers."""
    number = 1
    try:
        for number, cells in enumerate(table, start=2):
            if cells:
                yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UnusableNoteError([f"line {number + 1}: {error}"]) from error


def _line(header: Sequence[str], cells: Sequence[str]) -> NoteLine:
    if len(cells) != len(header):
        raise ValueError("the number of cells differs from the number of columns")
    sku, quantity, *levels = cells
    level = "".join(levels)
    return NoteLine(
        sku=_sku(sku),
        quantity=msgspec.convert(_whole(quantity), StockQuantity),
        reorder_level=msgspec.convert(_whole(level), StockLevel) if level else None,
    )


def _sku(text: str) -> str:
    try:
        sku = msgspec.convert(text, Sku)
    except msgspec.ValidationError:
        raise ValueError(f"{text!r} is not a SKU like TEAPOT or CUP-2") from None
    if sku == heartbeat.SKU:
        raise ValueError(RESERVED)
    return sku


def _whole(text: str) -> int:
    """Accept ASCII digits only; `int` also takes ` 1_000 ` and Arabic-Indic digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= len("1000000000")):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)
