"""The map's words for tables, and for what a function does to them. Pure data, no CDK."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A sparse index of a table: it holds the keys of the items that carry both of these attributes."""

    name: str
    partition_key: str
    sort_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of one service; `name` is also its environment variable (`stock` → `STOCK_TABLE`)."""

    name: str
    partition_key: str
    sort_key: str | None = None
    only_with: str | None = None
    """The payment gateway that needs it; None: every stage does."""
    expires: bool = False
    """Whether items carry `expires_at`, the time-to-live attribute, in epoch seconds."""
    indexes: tuple[Index, ...] = ()
    streams: bool = False
    """Whether each change of a row is told, with the row before it and after it."""


Uses = Mapping[str, tuple[str, ...]]
"""What one function does to which of its service's tables: table name to DynamoDB actions, and no others.

`orders/index/open-orders` is an index of the table `orders`.
"""
