"""A resource's resolved properties, which say themselves when one is missing."""

from typing import Any

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.intrinsics import Value


class Properties(dict[str, Any]):
    """A mapping that says which property is missing, so that no KeyError from elsewhere is taken for it."""

    def __missing__(self, name: str) -> Value:
        raise ResourceError(f"{name} is missing")


def required(value: Value) -> Value:
    """The value with every mapping in it made `Properties`."""
    if isinstance(value, dict):
        return Properties({key: required(child) for key, child in value.items()})
    if isinstance(value, list):
        return [required(item) for item in value]
    return value
