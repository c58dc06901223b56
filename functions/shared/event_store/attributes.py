"""DynamoDB's typed values, as little as the stores need of them."""

from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]
"""An item as DynamoDB's own API speaks of it: `{"sku": {"S": "CD-1"}}`."""


Attribute = Mapping[str, str]
"""One of its values: `{"S": "CD-1"}`."""


def text(value: str) -> dict[str, str]:
    """A string attribute."""
    return {"S": value}


def number(value: int) -> dict[str, str]:
    """A number attribute."""
    return {"N": str(value)}


def texts(**values: str) -> dict[str, dict[str, str]]:
    """An item or key made of string attributes."""
    return {name: text(value) for name, value in values.items()}
