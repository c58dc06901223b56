"""The rows that hold the stock of a SKU: one, or several if the SKU is hot.

A row takes about a thousand writes a second, and DynamoDB rejects one of two transactions that meet on it. So
the stock of a hot SKU is split. No row goes below zero, so neither does the sum.
See docs/decisions/0021-hot-skus-are-sharded.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from zlib import crc32

import msgspec

from functions.contracts.values import Line, StockLine

Counts = Mapping[str, int]
"""Units by row, or rows by SKU."""

MAXIMUM_SHARDS = 10
"""Shards of a SKU. A shortage is proved by all of them, including those used before."""
MAXIMUM_ROWS = 99
"""Rows that one transaction can change beside its fact."""


class Move(msgspec.Struct, frozen=True):
    """Units of a SKU to take from or add to one row."""

    row: str
    sku: str
    quantity: int


def row_of(sku: str, shard: int) -> str:
    """Return the key of a row of the SKU; the first is the SKU itself, which has no `#`."""
    return sku if shard == 0 else f"{sku}#{shard}"


def sku_of(row: str) -> str:
    """Return the SKU of the row."""
    return row.partition("#")[0]


def rows_of(sku: str) -> tuple[str, ...]:
    """Return every row that a hot SKU may have."""
    return tuple(row_of(sku, shard) for shard in range(MAXIMUM_SHARDS))


def home_row(line: Line, order_id: str, hot: Counts) -> Move:
    """Return the line in the row that its order tries first and releases into."""
    shard = crc32(f"{order_id} {line.sku}".encode()) % hot.get(line.sku, 1)
    return Move(row_of(line.sku, shard), line.sku, line.quantity)


def gathered(line: Line, available: Counts) -> tuple[Move, ...] | None:
    """Return the line from as few rows as possible, fullest first; None if the sum is too small."""
    moves: list[Move] = []
    missing = line.quantity
    for row, there in sorted(available.items(), key=lambda item: (-item[1], item[0])):
        taken = min(there, missing)
        if taken > 0:
            moves.append(Move(row, line.sku, taken))
            missing -= taken
    return None if missing else tuple(moves)


def to_consolidate(chosen: Iterable[tuple[Move, ...]]) -> tuple[tuple[Move, ...], ...]:
    """Return the lines to move into one row each to fit one transaction, most rows first."""
    moves_by_line = sorted(chosen, key=len, reverse=True)
    excess = sum(len(moves) for moves in moves_by_line) - MAXIMUM_ROWS
    consolidated: list[tuple[Move, ...]] = []
    for moves in moves_by_line:
        if excess <= 0:
            break
        consolidated.append(moves)
        excess -= len(moves) - 1
    return tuple(consolidated)


def merged(moves: Sequence[Move]) -> Move:
    """Return the whole line from its first row."""
    return Move(moves[0].row, moves[0].sku, sum(move.quantity for move in moves))


def spread(lines: Sequence[StockLine], hot: Counts) -> tuple[Move, ...]:
    """Spread a delivery evenly over the rows of each SKU, as far as one transaction has room."""
    room = MAXIMUM_ROWS - len(lines)
    moves: list[Move] = []
    for line in lines:
        shards = min(hot.get(line.sku, 1), 1 + room)
        room -= shards - 1
        moves += _evenly(line, shards)
    return tuple(moves)


def _evenly(line: StockLine, shards: int) -> list[Move]:
    """Always include the first row, even with zero units: it counts the replenishments."""
    each, rest = divmod(line.quantity, shards)
    shares = [each + (shard < rest) for shard in range(shards)]
    return [
        Move(row_of(line.sku, shard), line.sku, share)
        for shard, share in enumerate(shares)
        if share or shard == 0
    ]
