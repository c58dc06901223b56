"""The billing units of DynamoDB requests, from the rows before and after each.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096
Row = Mapping[str, Any]
IndexKeys = tuple[str, str]
"""The partition key and the sort key of a sparse index that projects only keys."""
_NESTED_BYTES = 3
_SINGLE = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


@dataclass(frozen=True, slots=True)
class Write:
    """One row that a request writes or checks."""

    table: str
    key: Row
    factor: int = 1
    """2 in a transaction."""


def writes(operation: str, parameters: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> list[Write]:
    """Return the writes of a request; `keys` are the names of each table's keys."""
    if operation == "TransactWriteItems":
        each = [next(iter(item.values())) for item in parameters["TransactItems"]]
        return [Write(request["TableName"], _key(request, keys), 2) for request in each]
    if operation == "BatchWriteItem":
        return [
            Write(table, _key({"TableName": table, **next(iter(request.values()))}, keys))
            for table, requests in parameters["RequestItems"].items()
            for request in requests
        ]
    return [Write(parameters["TableName"], _key(parameters, keys))] if operation in _SINGLE else []


def write_units(write: Write, before: Row, after: Row) -> int:
    """Return the units of a write, which a failed condition costs as well."""
    return write.factor * max(1, ceil(max(row_bytes(before), row_bytes(after)) / WRITE_UNIT_BYTES))


def index_units(indexes: Sequence[IndexKeys], before: Row, after: Row) -> int:
    """Return a unit for each index entry that is written or removed.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
    """
    changed = [(_entry(index, before), _entry(index, after)) for index in indexes]
    return sum((old is not None) + (new is not None) for old, new in changed if old != new)


def read_units(operation: str, parameters: Mapping[str, Any], response: Mapping[str, Any]) -> float:
    """Return the units of a read: a batch reads each row alone, a query all of them together."""
    if operation == "GetItem":
        return _read([row_bytes(response.get("Item", {}))], parameters)
    if operation == "Query":
        return _read([sum(map(row_bytes, response["Items"]))], parameters)
    if operation == "BatchGetItem":
        asked = parameters["RequestItems"]
        found = {table: list(map(row_bytes, rows)) for table, rows in response["Responses"].items()}
        missing = {
            table: len(request["Keys"]) - len(found.get(table, ())) for table, request in asked.items()
        }
        return sum(_read(found.get(table, []) + [0] * missing[table], asked[table]) for table in asked)
    return 0.0


def row_bytes(row: Row) -> int:
    """Return the size of a row.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_bytes(value) for name, value in row.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return ceil(len(content.lstrip("-").replace(".", "").strip("0")) / 2) + 1
        case "SS" | "NS":
            return sum(_value_bytes({kind[0]: member}) for member in content)
        case "L":
            return _NESTED_BYTES + sum(1 + _value_bytes(member) for member in content)
        case "M":
            return _NESTED_BYTES + row_bytes(content) + len(content)
        case "BOOL" | "NULL":
            return 1
    raise ValueError(f"{kind} has no known size; add it.")


def _key(request: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> Row:
    return request.get("Key") or {name: request["Item"][name] for name in keys[request["TableName"]]}


def _entry(index: IndexKeys, row: Row) -> tuple[Any, ...] | None:
    return tuple(row[name] for name in index) if all(name in row for name in index) else None


def _read(sizes: Sequence[int], request: Mapping[str, Any]) -> float:
    units = sum(max(1, ceil(size / READ_UNIT_BYTES)) for size in sizes)
    return units if request.get("ConsistentRead") else units / 2
