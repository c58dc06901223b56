"""DynamoDB's typed values."""

from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]
"""An item in the form of DynamoDB's API: `{"sku": {"S": "CD-1"}}`."""


Attribute = Mapping[str, str]
"""A value of an item: `{"S": "CD-1"}`."""


def text(value: str) -> dict[str, str]:
    """Return a string attribute."""
    return {"S": value}


def number(value: int) -> dict[str, str]:
    """Return a number attribute."""
    return {"N": str(value)}


def texts(**values: str) -> dict[str, dict[str, str]]:
    """Return an item or key of string attributes."""
    return {name: text(value) for name, value in values.items()}
