"""Where an article's stock is counted: in one row of the table or, where it is hot, in several.

A row takes about a thousand writes a second, and of two transactions that meet on it one is refused. So the
count of a hot article is split; what is conserved, and never below nought, is each row and thereby the sum.
See docs/decisions/0021-hot-skus-are-sharded.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from zlib import crc32

import msgspec

from functions.contracts.values import Line, StockLine

Counts = Mapping[str, int]
"""So many of each row, or so many rows of each article."""

MOST = 10
"""Shards an article may have; where one is short all of these are looked at, used today or long ago."""
ROOM = 99
"""Rows that one transaction can change beside the fact it states."""


class Move(msgspec.Struct, frozen=True):
    """So many of an article, out of one row of the table or into it."""

    row: str
    sku: str
    quantity: int


def row_of(sku: str, shard: int) -> str:
    """The key of an article's row; the first is the article itself, hot or not, and a SKU has no `#`."""
    return sku if shard == 0 else f"{sku}#{shard}"


def article_of(row: str) -> str:
    """The article that a row counts."""
    return row.partition("#")[0]


def rows_of(sku: str) -> tuple[str, ...]:
    """Every row that a hot article may have."""
    return tuple(row_of(sku, shard) for shard in range(MOST))


def home(line: Line, order_id: str, hot: Counts) -> Move:
    """The line in the one row where its order finds it first, and gives it back; no other row is asked."""
    shard = crc32(f"{order_id} {line.sku}".encode()) % hot.get(line.sku, 1)
    return Move(row_of(line.sku, shard), line.sku, line.quantity)


def gathered(line: Line, available: Counts) -> tuple[Move, ...] | None:
    """The line from as few of these rows as hold it, the fullest first; None where all together do not."""
    moves: list[Move] = []
    missing = line.quantity
    for row, there in sorted(available.items(), key=lambda item: (-item[1], item[0])):
        taken = min(there, missing)
        if taken > 0:
            moves.append(Move(row, line.sku, taken))
            missing -= taken
    return None if missing else tuple(moves)


def to_consolidate(chosen: Iterable[tuple[Move, ...]]) -> tuple[tuple[Move, ...], ...]:
    """The lines to move into one row each, so that one transaction has room for all; most rows first."""
    moves_by_line = sorted(chosen, key=len, reverse=True)
    excess = sum(len(moves) for moves in moves_by_line) - ROOM
    consolidated: list[tuple[Move, ...]] = []
    for moves in moves_by_line:
        if excess <= 0:
            break
        consolidated.append(moves)
        excess -= len(moves) - 1
    return tuple(consolidated)


def merged(moves: Sequence[Move]) -> Move:
    """The same line, all of it from its first row."""
    return Move(moves[0].row, moves[0].sku, sum(move.quantity for move in moves))


def spread(lines: Sequence[StockLine], hot: Counts) -> tuple[Move, ...]:
    """What came in, evenly over the rows of each article, as far as one transaction has room for them."""
    room = ROOM - len(lines)
    moves: list[Move] = []
    for line in lines:
        shards = min(hot.get(line.sku, 1), 1 + room)
        room -= shards - 1
        moves += _evenly(line, shards)
    return tuple(moves)


def _evenly(line: StockLine, shards: int) -> list[Move]:
    """The first row is always among them, be it with nothing: it counts the article's replenishments."""
    each, rest = divmod(line.quantity, shards)
    shares = [each + (shard < rest) for shard in range(shards)]
    return [
        Move(row_of(line.sku, shard), line.sku, share)
        for shard, share in enumerate(shares)
        if share or shard == 0
    ]
