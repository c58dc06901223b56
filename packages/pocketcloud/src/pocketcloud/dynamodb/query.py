"""Queries by an equal partition key, optionally with one condition on the sort key.

moto sorts all rows of the table for each query and page. A query of a table reads only its partition;
a query of an index reads every row but sorts only those with the key. `NotPlannedError` leaves filters,
projections, uncommon expressions and every request that moto rejects to moto.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import RESULT_SIZE_LIMIT, SecondaryIndex, Table

from pocketcloud.dynamodb.attribute_values import (
    NotPlannedError,
    plain_attributes,
    typed,
    typed_attributes,
)

Request = Mapping[str, Any]
Response = dict[str, Any]

_PARAMETERS = frozenset(
    {
        "TableName",
        "IndexName",
        "KeyConditionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ExclusiveStartKey",
        "Limit",
        "ScanIndexForward",
        "ConsistentRead",
    }
)
_NAME, _VALUE = r"#?[A-Za-z_]\w*", r":\w+"
_EXPRESSION = re.compile(
    rf"(?P<hash>{_NAME}) = (?P<hash_value>{_VALUE})"
    rf"( AND (?P<range>{_NAME}) (?P<operator>=|<=|<|>=|>) (?P<range_value>{_VALUE})"
    rf"| AND begins_with\((?P<prefixed>{_NAME}), ?(?P<prefix>{_VALUE})\)"
    rf"| AND (?P<bounded>{_NAME}) BETWEEN (?P<low>{_VALUE}) AND (?P<high>{_VALUE}))?"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, other: bool(value == other),
    "<": lambda value, other: bool(value < other),
    "<=": lambda value, other: bool(value <= other),
    ">": lambda value, other: bool(value > other),
    ">=": lambda value, other: bool(value >= other),
}
_Condition = Callable[[Item], bool]


@dataclass(frozen=True, slots=True)
class _Source:
    """A table or one of its indexes: its keys, and all attributes that determine the order of rows."""

    table: Table
    index: SecondaryIndex | None
    hash_name: str
    range_name: str | None

    def order(self, item: Item) -> tuple[Any, ...]:
        """Return what rows with the same partition key are sorted by."""
        names = [self.range_name, *self.table.table_key_attrs] if self.index else [self.range_name]
        return tuple(item.attrs[name].cast_value for name in names if name is not None)

    def project(self, row: Item) -> Response:
        """Return a copy of the attributes of a row that the table or the index has."""
        kind = "ALL" if self.index is None else self.index.projection.get("ProjectionType", "ALL")
        if self.index is None or kind == "ALL":
            return plain_attributes(row.attrs)
        included = {*self.table.table_key_attrs, *self.index.schema_key_attrs}
        if kind == "INCLUDE":
            included.update(self.index.projection.get("NonKeyAttributes", ()))
        return plain_attributes({name: value for name, value in row.attrs.items() if name in included})

    def rows(self, key: DynamoType) -> Iterator[Item]:
        """Return the rows with this partition key, in any order."""
        if self.index is None:
            found: Any = self.table.items.get(key, {})
            yield from found.values() if self.range_name else [found] if found else ()
            return
        for item in _all_rows(self.table):
            value = item.attrs.get(self.hash_name)
            if value is not None and value == key and (not self.range_name or self.range_name in item.attrs):
                yield item


def query(backend: DynamoDBBackend, request: Request) -> Response:
    """Run a query; raise NotPlannedError to leave it to moto."""
    source = _source(backend, request)
    key, holds = _key_condition(source, request)
    rows = sorted(source.rows(key), key=source.order, reverse=request.get("ScanIndexForward", True) is False)
    if "ExclusiveStartKey" in request:
        rows = _after(source, rows, request)
    limit = request.get("Limit", len(rows) + 1)
    if type(limit) is not int or limit < 1:
        raise NotPlannedError
    page, is_last = _page(rows, holds, limit)
    response: Response = {
        "Count": len(page),
        "ScannedCount": len(page),
        "Items": [source.project(row) for row in page],
    }
    return response if is_last else {**response, "LastEvaluatedKey": _place(source, page[-1])}


def _page(rows: Sequence[Item], holds: _Condition, limit: int) -> tuple[list[Item], bool]:
    """Return the rows of one page, and whether it ends with the partition, as moto counts both."""
    page: list[Item] = []
    size = 0
    for row in rows:
        row_size = row.size()
        if len(page) == limit or size + row_size > RESULT_SIZE_LIMIT:
            if not page:
                raise NotPlannedError
            return page, False
        if holds(row):
            page.append(row)
            size += row_size
    return page, True


def _source(backend: DynamoDBBackend, request: Request) -> _Source:
    table = backend.tables.get(request.get("TableName", ""))
    flags = (request.get("ScanIndexForward", True), request.get("ConsistentRead", False))
    if table is None or not request.keys() <= _PARAMETERS or not {*map(type, flags)} <= {bool}:
        raise NotPlannedError
    if "IndexName" not in request:
        return _Source(table, None, table.hash_key_attr, table.range_key_attr)
    found = [index for index in table.global_indexes if index.name == request["IndexName"]]
    if not found or flags[1]:
        raise NotPlannedError
    hashes, ranges = (
        [key["AttributeName"] for key in found[0].schema if key["KeyType"] == kind] for kind in _KINDS
    )
    # An index without a sort key has an order of moto's own; an index may also have several keys.
    if (len(hashes), len(ranges)) != (1, 1):
        raise NotPlannedError
    return _Source(table, found[0], hashes[0], ranges[0])


_KINDS = ("HASH", "RANGE")


def _key_condition(source: _Source, request: Request) -> tuple[DynamoType, _Condition]:
    """Return the partition key, and the condition on a row's sort key."""
    match = _EXPRESSION.fullmatch(str(request.get("KeyConditionExpression")))
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    if match is None or not isinstance(names, dict) or not isinstance(values, dict):
        raise NotPlannedError
    parts = {part: text for part, text in match.groupdict().items() if text is not None}
    if not {*names, *values} <= set(parts.values()):
        raise NotPlannedError
    operands = {part: typed(values.get(text)) for part, text in parts.items() if text.startswith(":")}
    key = operands.pop("hash_value")
    named = [_named(parts[part], names) for part in ("hash", "range", "prefixed", "bounded") if part in parts]
    kinds = {each["AttributeName"]: each["AttributeType"] for each in source.table.attr}
    if named != [source.hash_name, source.range_name][: len(named)] or not _is_valid(key, kinds[named[0]]):
        raise NotPlannedError
    if not all(_is_valid(operand, kinds[named[-1]]) for operand in operands.values()):
        raise NotPlannedError
    return key, _condition_on(named[-1], parts.get("operator"), operands)


def _is_valid(value: DynamoType, kind: str) -> bool:
    return bool(value.type == kind and value.value != "")


def _condition_on(name: str, operator: str | None, operands: Mapping[str, DynamoType]) -> _Condition:
    """Return the condition on this sort key; without operands every row satisfies it."""
    values = {part: value.cast_value for part, value in operands.items()}
    match values:
        case {"range_value": other} if operator:
            compare = _COMPARISONS[operator]
            return lambda row: compare(row.attrs[name].cast_value, other)
        case {"prefix": str(prefix)}:
            return lambda row: str(row.attrs[name].value).startswith(prefix)
        case {"low": low, "high": high} if low <= high:
            return lambda row: bool(low <= row.attrs[name].cast_value <= high)
        case {} if not values:
            return lambda _row: True
    raise NotPlannedError


def _named(text: str, names: Mapping[str, str]) -> str:
    """Return an attribute's name; leave missing placeholders and reserved words to moto."""
    if text.startswith("#"):
        return str.__str__(names.get(text, ""))
    return text


def _after(source: _Source, rows: Sequence[Item], request: Request) -> list[Item]:
    """Return the rows after the start key, which must be that of a row."""
    start = typed_attributes(request["ExclusiveStartKey"])
    for position, row in enumerate(rows):
        if all(row.attrs.get(name) == value for name, value in start.items()):
            if start.keys() != _place(source, row).keys():
                break
            return list(rows[position + 1 :])
    raise NotPlannedError


def _place(source: _Source, row: Item) -> Response:
    names = [*source.table.table_key_attrs, *([source.hash_name, source.range_name] if source.index else [])]
    return plain_attributes({name: row.attrs[name] for name in names if name is not None})


def _all_rows(table: Table) -> Iterator[Item]:
    for found in table.items.values():
        rows: Any = found.values() if table.range_key_attr else (found,)
        yield from rows
