"""The billing units of a DynamoDB request, computed from the request alone.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

import json
from collections.abc import Mapping
from math import ceil
from typing import Any

KIBIBYTE = 1024
_UPDATE_UNITS = 1
"""The request of an update lacks the item; all our items fit one write unit."""


def write_units(operation: str, parameters: Mapping[str, Any]) -> int:
    """Return one unit per kibibyte, and two in a transaction."""
    if operation == "TransactWriteItems":
        return sum(2 * _size(*next(iter(item.items()))) for item in parameters["TransactItems"])
    writes = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}
    return _size(writes[operation], parameters) if operation in writes else 0


def read_units(operation: str, parameters: Mapping[str, Any]) -> float:
    """Return half a unit per item, and one if the read is consistent; our items are below 4 KiB."""
    if operation == "GetItem":
        return 1.0 if parameters.get("ConsistentRead") else 0.5
    if operation == "BatchGetItem":
        tables = parameters["RequestItems"].values()
        return sum(len(table["Keys"]) * (1.0 if table.get("ConsistentRead") else 0.5) for table in tables)
    return 0.0


def _size(kind: str, request: Mapping[str, Any]) -> int:
    return ceil(len(json.dumps(request["Item"])) / KIBIBYTE) if kind == "Put" else _UPDATE_UNITS
