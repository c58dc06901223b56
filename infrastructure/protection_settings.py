"""The settings of what protects a stage's data beside its own tables. No CDK."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class DataEvents(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trail of what people and other systems write to the stage's tables, queues, topics and buses."""

    retention_days: Annotated[int, Meta(ge=1, le=3653)]


class Backup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A daily copy of every table in a vault of AWS Backup."""

    hour_utc: Annotated[int, Meta(ge=0, le=23)]
    retention_days: Annotated[int, Meta(ge=1, le=36500)]
    lock: Literal["none", "governance", "compliance"]
    """Who may delete a copy before its time: `compliance` is nobody, and three days later not even AWS."""
