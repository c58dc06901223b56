"""The size of a DynamoDB item, and the billing units of a read or a write.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from collections.abc import Mapping
from math import ceil
from typing import Any

WRITE_BYTES = 1024
READ_BYTES = 4096
_CONTAINER_BYTES = 3
"""Bytes of a list or a map, besides one byte for each element."""

Attribute = Mapping[str, Any]
Item = Mapping[str, Attribute]


def item_bytes(item: Item | None) -> int:
    """Return the bytes of names and values; zero if there is no item."""
    return sum(len(name.encode()) + attribute_bytes(value) for name, value in (item or {}).items())


def attribute_bytes(attribute: Attribute) -> int:
    """Return the bytes of one value, as the request has it: `{"S": "text"}`."""
    kind, value = next(iter(attribute.items()))
    if kind in {"SS", "NS", "BS"}:
        return sum(_scalar_bytes(kind[0], each) for each in value)
    if kind == "L":
        return _CONTAINER_BYTES + sum(1 + attribute_bytes(each) for each in value)
    if kind == "M":
        return _CONTAINER_BYTES + len(value) + item_bytes(value)
    return _scalar_bytes(kind, value)


def write_units(*images: Item | None) -> int:
    """Return the units of a write whose largest image decides: the item before, or after."""
    return max(1, ceil(max(map(item_bytes, images)) / WRITE_BYTES))


def read_units(read_bytes: int, *, consistent: bool) -> float:
    """Return one unit for each started 4 KiB, and half of it for an eventually consistent read."""
    return max(1, ceil(read_bytes / READ_BYTES)) * (1.0 if consistent else 0.5)


def _scalar_bytes(kind: str, value: Any) -> int:  # noqa: ANN401 - the type depends on the kind
    if kind == "S":
        return len(str(value).encode())
    if kind == "N":
        digits = len(value.lstrip("-").replace(".", "").strip("0"))
        return 1 + ceil(digits / 2) + (1 if value.startswith("-") else 0)
    return len(value) if kind == "B" else 1
