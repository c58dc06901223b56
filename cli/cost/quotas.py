"""Quotas of AWS, `data/quotas.toml`: each with its date and source."""

import tomllib
from datetime import date
from pathlib import Path

from msgspec import Struct, convert, field

QUOTAS = Path(__file__).parent / "data" / "quotas.toml"


class AwsQuota(Struct, frozen=True, forbid_unknown_fields=True):
    """A quota a second, or at a time."""

    name: str
    value: int
    adjustable: bool
    date: date
    source: str
    regions: dict[str, int] = field(default_factory=dict)
    """Regions with another value."""


def read_quotas() -> list[AwsQuota]:
    """Return every quota."""
    return convert(tomllib.loads(QUOTAS.read_text(encoding="utf-8"))["quota"], list[AwsQuota])


def quotas_of(region: str) -> dict[str, int]:
    """Return the quotas of a region."""
    return {quota.name: quota.regions.get(region, quota.value) for quota in read_quotas()}
