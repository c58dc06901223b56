"""Queries by an equal partition key, optionally with one condition on the sort key.

moto sorts all rows of the table for each query and page; this reads one page of rows kept in order.
`NotPlannedError` leaves filters, projections, uncommon expressions and every request that moto rejects
to moto.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import RESULT_SIZE_LIMIT

from pocketcloud.dynamodb.attribute_values import (
    NotPlannedError,
    plain_attributes,
    typed,
    typed_attributes,
)
from pocketcloud.dynamodb.row_source import RowSource
from pocketcloud.dynamodb.sorted_rows import SortedRows, rows_of

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
_LIMITS: Mapping[str, Callable[[Any], tuple[Any, Any]]] = {
    "=": lambda value: (value, value),
    "<": lambda value: (None, value),
    "<=": lambda value: (None, value),
    ">": lambda value: (value, None),
    ">=": lambda value: (value, None),
}
_Bounds = tuple[str, Any, Any]
_MAXIMUM_ITEM_BYTES = 400 * 1024
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-items"""


def query(backend: DynamoDBBackend, request: Request) -> Response:
    """Run a query; raise NotPlannedError to leave it to moto."""
    source = _source(backend, request)
    key, bounds = _key_condition(source, request)
    found = rows_of(source, key)
    limit = request.get("Limit", len(found.rows) + 1)
    if type(limit) is not int or limit < 1:
        raise NotPlannedError
    order = _order(source, found, request)
    page, is_last = _page(found.rows, order, _within(order, _positions(found, bounds)), limit)
    response: Response = {
        "Count": len(page),
        "ScannedCount": len(page),
        "Items": [source.project(row) for row in page],
    }
    return response if is_last else {**response, "LastEvaluatedKey": _place(source, page[-1])}


def _page(rows: Sequence[Item], order: range, matching: range, limit: int) -> tuple[list[Item], bool]:
    """Return the rows of one page, and whether it ends with the partition, as moto counts both.

    moto reads the rows that do not match, too: one of them behind a full page makes it not the last.
    """
    page: list[Item] = []
    size = 0
    for position in matching:
        row_size = rows[position].size()
        if len(page) == limit or size + row_size > RESULT_SIZE_LIMIT:
            if not page:
                raise NotPlannedError
            return page, False
        page.append(rows[position])
        size += row_size
    rest = order[order.index(matching[-1]) + 1 :] if matching else order
    if len(page) == limit and rest:
        return page, False
    return page, not any(size + rows[position].size() > RESULT_SIZE_LIMIT for position in _near(rest, size))


def _within(order: range, positions: range) -> range:
    """Return the positions that are in `order`, in its direction."""
    if order.step > 0:
        return range(max(order.start, positions.start), max(positions.stop, order.start))
    return range(min(order.start, positions.stop - 1), positions.start - 1, -1)


def _near(rest: range, size: int) -> range:
    """Return the positions whose rows may exceed the size of a page."""
    return rest if size + _MAXIMUM_ITEM_BYTES > RESULT_SIZE_LIMIT else rest[:0]


def _positions(found: SortedRows, bounds: _Bounds) -> range:
    """Return the positions of the rows whose sort key satisfies the condition."""
    operator, low, high = bounds
    if operator == "begins_with":
        start, _ = found.between(low, None)
        end = start
        while end < len(found.orders) and found.orders[end][0].startswith(low):
            end += 1
        return range(start, end)
    start, end = found.between(low, high)
    if operator == "<":
        end = found.between(high, None)[0]
    elif operator == ">":
        start = found.between(None, low)[1]
    return range(start, end)


def _source(backend: DynamoDBBackend, request: Request) -> RowSource:
    table = backend.tables.get(request.get("TableName", ""))
    flags = (request.get("ScanIndexForward", True), request.get("ConsistentRead", False))
    if table is None or not request.keys() <= _PARAMETERS or not {*map(type, flags)} <= {bool}:
        raise NotPlannedError
    if "IndexName" not in request:
        return RowSource(table, None, table.hash_key_attr, table.range_key_attr)
    found = [index for index in table.global_indexes if index.name == request["IndexName"]]
    if not found or flags[1]:
        raise NotPlannedError
    hashes, ranges = (
        [key["AttributeName"] for key in found[0].schema if key["KeyType"] == kind] for kind in _KINDS
    )
    # An index without a sort key has an order of moto's own; an index may also have several keys.
    if (len(hashes), len(ranges)) != (1, 1):
        raise NotPlannedError
    return RowSource(table, found[0], hashes[0], ranges[0])


_KINDS = ("HASH", "RANGE")


def _key_condition(source: RowSource, request: Request) -> tuple[DynamoType, _Bounds]:
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
    return key, _bounds(parts.get("operator"), operands)


def _is_valid(value: DynamoType, kind: str) -> bool:
    return bool(value.type == kind and value.value != "")


def _bounds(operator: str | None, operands: Mapping[str, DynamoType]) -> _Bounds:
    """Return the operator, and the lowest and highest sort key: None for any."""
    values = {part: value.cast_value for part, value in operands.items()}
    match values:
        case {"range_value": other} if operator:
            return operator, *_LIMITS[operator](other)
        case {"prefix": str(prefix)}:
            return "begins_with", prefix, None
        case {"low": low, "high": high} if low <= high:
            return "BETWEEN", low, high
        case {} if not values:
            return "", None, None
    raise NotPlannedError


def _named(text: str, names: Mapping[str, str]) -> str:
    """Return an attribute's name; leave missing placeholders and reserved words to moto."""
    if text.startswith("#"):
        return str.__str__(names.get(text, ""))
    return text


def _order(source: RowSource, found: SortedRows, request: Request) -> range:
    """Return the positions to read: all behind the start key, which must be that of a row."""
    is_forward, count = request.get("ScanIndexForward", True), len(found.rows)
    start = _start(source, found, request["ExclusiveStartKey"]) if "ExclusiveStartKey" in request else None
    if is_forward:
        return range(0 if start is None else start + 1, count)
    return range(count - 1 if start is None else start - 1, -1, -1)


def _start(source: RowSource, found: SortedRows, key: object) -> int:
    start = typed_attributes(key)
    if start.keys() != _key_names(source):
        raise NotPlannedError
    try:
        position = found.find(source.order(start))
    except TypeError as error:  # a key of another type
        raise NotPlannedError from error
    if position is None or any(found.rows[position].attrs[name] != value for name, value in start.items()):
        raise NotPlannedError
    return position


def _key_names(source: RowSource) -> set[str]:
    return {*source.table.table_key_attrs, source.hash_name, *source.range_names}


def _place(source: RowSource, row: Item) -> Response:
    return plain_attributes({name: row.attrs[name] for name in row.attrs if name in _key_names(source)})
