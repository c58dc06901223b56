"""The writes of global secondary indexes that one write of an item causes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cli.cost.counting.item_size import Item, write_units


@dataclass(frozen=True, slots=True)
class TableKeys:
    """The key attributes of a table, and of each index with what it projects."""

    names: tuple[str, ...]
    indexes: tuple["IndexKeys", ...]

    @classmethod
    def of(cls, description: dict[str, Any]) -> "TableKeys":
        """Return the keys in DescribeTable's response."""
        names = _names(description["KeySchema"])
        indexes = (IndexKeys.of(each, names) for each in description.get("GlobalSecondaryIndexes", ()))
        return cls(names, tuple(indexes))


@dataclass(frozen=True, slots=True)
class IndexKeys:
    """An index's own key attributes, and all attributes that it holds; None means all of the item."""

    keys: tuple[str, ...]
    projected: tuple[str, ...] | None

    @classmethod
    def of(cls, description: dict[str, Any], table_keys: tuple[str, ...]) -> "IndexKeys":
        """Return an index of DescribeTable's response."""
        keys, projection = _names(description["KeySchema"]), description["Projection"]
        if projection["ProjectionType"] == "ALL":
            return cls(keys, None)
        return cls(keys, (*keys, *table_keys, *projection.get("NonKeyAttributes", ())))

    def entry(self, item: Item | None) -> Item | None:
        """Return the item's entry; None if the item lacks a key attribute and so is not in the index."""
        if item is None or not item.keys() >= set(self.keys):
            return None
        return (
            item if self.projected is None else {name: item[name] for name in self.projected if name in item}
        )

    def units(self, before: Item | None, after: Item | None) -> int:
        """Return the units of moving the entry from one image to the other."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old is None or new is None:
            return write_units(old, new)
        if any(old[name] != new[name] for name in self.keys):
            return write_units(old) + write_units(new)  # deleted at one key and put at another
        return write_units(old, new)


def index_units(table: TableKeys, before: Item | None, after: Item | None) -> int:
    """Return the write units of all indexes; a transaction does not double them."""
    return sum(index.units(before, after) for index in table.indexes)


def _names(schema: Sequence[dict[str, str]]) -> tuple[str, ...]:
    return tuple(each["AttributeName"] for each in schema)
