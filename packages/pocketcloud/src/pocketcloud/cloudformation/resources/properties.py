"""Resolved properties of a resource; they raise a helpful error when one is missing."""

from typing import Any

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.intrinsics import Value


class Properties(dict[str, Any]):
    """A mapping that raises ResourceError instead of KeyError for a missing property."""

    def __missing__(self, name: str) -> Value:
        raise ResourceError(f"{name} is missing")


def as_properties(value: Value) -> Value:
    """Convert every mapping in the value to `Properties`."""
    if isinstance(value, dict):
        return Properties({key: as_properties(child) for key, child in value.items()})
    if isinstance(value, list):
        return [as_properties(item) for item in value]
    return value
