"""The source of a query: a table or one of its indexes, with the order of its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import SecondaryIndex, Table

from pocketcloud.dynamodb.attribute_values import plain_attributes

Order = tuple[Any, ...]
Partition = tuple[str, Any]
"""Type and value of a partition key: moto's numbers are equal but have different hashes."""


@dataclass(frozen=True, slots=True)
class RowSource:
    """A table or an index, and all attributes that determine the order of rows."""

    table: Table
    index: SecondaryIndex | None
    hash_name: str
    range_name: str | None

    @property
    def range_names(self) -> tuple[str, ...]:
        """Return the name of the sort key, if there is one."""
        return () if self.range_name is None else (self.range_name,)

    @property
    def name(self) -> tuple[str | None, str, str | None]:
        """Return what differs between any two sources of a table."""
        return None if self.index is None else self.index.name, self.hash_name, self.range_name

    def contains(self, row: Item) -> bool:
        """Return whether the row has both keys; an index omits all others."""
        return all(name in row.attrs for name in (self.hash_name, *self.range_names))

    def partition(self, row: Item) -> Partition:
        """Return the partition of a row."""
        return partition_of(row.attrs[self.hash_name])

    def order(self, attributes: Mapping[str, DynamoType]) -> Order:
        """Return what rows with the same partition key are sorted by; no two rows have the same."""
        names = (*self.range_names, *self.table.table_key_attrs) if self.index else self.range_names
        return tuple(attributes[name].cast_value for name in names)

    def of_table(self, key: DynamoType) -> list[Item]:
        """Return the rows of the table with this partition key."""
        found: Any = self.table.items.get(key)
        if self.table.range_key_attr:
            return list((found or {}).values())
        return [] if found is None else [found]

    def all_rows(self) -> Iterator[Item]:
        """Return all rows of the source."""
        for found in self.table.items.values():
            rows: Any = found.values() if self.table.range_key_attr else (found,)
            yield from filter(self.contains, rows)

    def project(self, row: Item) -> dict[str, Any]:
        """Return a copy of the attributes of a row that the table or the index has."""
        kind = "ALL" if self.index is None else self.index.projection.get("ProjectionType", "ALL")
        if self.index is None or kind == "ALL":
            return plain_attributes(row.attrs)
        included = {*self.table.table_key_attrs, *self.index.schema_key_attrs}
        if kind == "INCLUDE":
            included.update(self.index.projection.get("NonKeyAttributes", ()))
        return plain_attributes({name: value for name, value in row.attrs.items() if name in included})


def partition_of(key: DynamoType) -> Partition:
    """Return the partition with this key."""
    return str(key.type), key.cast_value
