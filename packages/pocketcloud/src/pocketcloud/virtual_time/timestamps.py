"""Times as AWS writes them."""

from datetime import datetime


def iso_milliseconds(at: datetime) -> str:
    """Return a time in UTC as ISO 8601, such as `2026-01-01T00:00:00.000Z`."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_milliseconds(at: datetime) -> int:
    """Return the milliseconds since 1970."""
    return int(at.timestamp() * 1000)
