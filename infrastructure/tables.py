"""Tables as data: keys, indexes and streams, and what a function does to them. No CDK."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Condition = Mapping[str, str | bool]
"""Settings of a stage and the values that they must have; empty: always true.

`bridges.kafka` is a setting within a setting.
"""
IS_SET = "*"
"""In a condition: any value but null."""
Uses = Mapping[str, tuple[str, ...]]
"""The DynamoDB actions of one function on its service's tables, by table, and no others.

`attempts/index/open-attempts` is an index of the table `attempts`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A sparse index: it holds the keys of the items that carry both attributes."""

    name: str
    partition_key: str
    sort_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of one service; `name` gives its environment variable (`stock`: `STOCK_TABLE`)."""

    name: str
    partition_key: str
    sort_key: str | None = None
    only_when: Condition = field(default_factory=dict)
    expires: bool = False
    """Whether items carry `expires_at`, the time-to-live attribute, in epoch seconds."""
    indexes: tuple[Index, ...] = ()
    streams: bool = False
    """Whether a stream carries each change of a row, with the row before and after it."""


IDEMPOTENCY = Table(name="idempotency", partition_key="id", expires=True)
"""Powertools' own table, for services with an effect outside their tables."""
IDEMPOTENCY_ACTIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem")
AUDIT = Table(name="audit", partition_key="action_id", sort_key="entry")
"""The actions of operators on dead-lettered messages; no function uses it (docs/decisions/0029)."""
CLAIMS = Table(name="claims", partition_key="subject")
"""The claims on aggregates, shared by the services whose decisions exclude each other (0079)."""
