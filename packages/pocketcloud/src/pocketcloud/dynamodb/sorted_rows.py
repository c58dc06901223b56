"""The rows of tables and indexes in order, kept between queries and updated by each write.

moto sorts all rows for each query and page. The first query of a source sorts its rows; after it, a write
moves one row. A write that moto makes itself drops what is kept of its table.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from pocketcloud.dynamodb.row_source import Order, Partition, RowSource, partition_of

_KEY = "pocketcloud_sorted_rows"
_LARGE = 64
"""Rows that are worth keeping in order; fewer are sorted for each query."""


class SortedRows:
    """The rows of one partition, in ascending order."""

    __slots__ = ("orders", "rows")

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.rows: list[Item] = []

    def find(self, order: Order) -> int | None:
        """Return the position of the row with this order; None if there is none."""
        position = bisect_left(self.orders, order)
        return position if self.orders[position : position + 1] == [order] else None

    def add(self, order: Order, row: Item) -> None:
        """Insert a row."""
        position = bisect_left(self.orders, order)
        self.orders.insert(position, order)
        self.rows.insert(position, row)

    def remove(self, order: Order) -> None:
        """Remove the row with this order."""
        position = bisect_left(self.orders, order)
        del self.orders[position], self.rows[position]

    def between(self, low: Any, high: Any) -> tuple[int, int]:
        """Return the positions of the first sort key from `low` on and of the first one above `high`."""
        start = 0 if low is None else bisect_left(self.orders, low, key=_sort_key)
        return start, len(self.orders) if high is None else bisect_right(self.orders, high, key=_sort_key)


def _sort_key(order: Order) -> Any:
    return order[0]


def _sorted(source: RowSource, rows: Iterable[Item]) -> SortedRows:
    found = SortedRows()
    found.rows = sorted(rows, key=lambda row: source.order(row.attrs))
    found.orders = [source.order(row.attrs) for row in found.rows]
    return found


class _SourceRows:
    """The rows of one source by partition: all of an index, and the large partitions of a table."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._is_complete = source.index is not None
        unsorted: defaultdict[Partition, list[Item]] = defaultdict(list)
        for row in source.all_rows() if self._is_complete else ():
            unsorted[source.partition(row)].append(row)
        self._partitions = {each: _sorted(source, rows) for each, rows in unsorted.items()}

    def of(self, key: DynamoType) -> SortedRows:
        partition = partition_of(key)
        found = self._partitions.get(partition)
        if found is not None or self._is_complete:
            return found or SortedRows()
        found = _sorted(self._source, self._source.of_table(key))
        if len(found.rows) >= _LARGE:
            self._partitions[partition] = found
        return found

    def replace(self, before: Item | None, after: Item | None) -> None:
        source = self._source
        for row, is_new in ((before, False), (after, True)):
            if row is None or not source.contains(row):
                continue
            partition = source.partition(row)
            if self._is_complete:
                self._partitions.setdefault(partition, SortedRows())
            if (found := self._partitions.get(partition)) is not None and is_new:
                found.add(source.order(row.attrs), row)
            elif found is not None:
                found.remove(source.order(row.attrs))


def rows_of(source: RowSource, key: DynamoType) -> SortedRows:
    """Return the rows with this partition key."""
    kept: dict[object, _SourceRows] = vars(source.table).setdefault(_KEY, {})
    if source.name not in kept:
        kept[source.name] = _SourceRows(source)
    return kept[source.name].of(key)


def replace_row(table: Table, before: Item | None, after: Item | None) -> None:
    """Move a row that was written from its old place to its new one; None is no row."""
    for rows in vars(table).get(_KEY, {}).values():
        rows.replace(before, after)


def forget_rows(table: Table) -> None:
    """Drop what is kept, because rows were written in another way."""
    vars(table).pop(_KEY, None)
