"""Times and durations that people type: `2026-11-23T10:00Z`, a day, or `2h` for two hours ago."""

import re
from datetime import UTC, datetime, timedelta

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """Parse `90s`, `30m`, `2h` or `3d`; raise ValueError for any other text."""
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if match is None:
        raise ValueError(text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def parse_time(text: str | None, *, now: datetime) -> datetime | None:
    """Parse `2026-11-23T10:00Z`, a day, or a duration before now; without a zone it is UTC."""
    if text is None:
        return None
    try:
        return now - parse_duration(text) if text[-1:] in _UNITS else _parse_iso(text)
    except (ValueError, OverflowError) as error:  # the calendar begins with the year 1
        raise CommandError(
            f"{text} is not a time.",
            hint="It is like 2026-11-23T10:00Z, 2026-11-23, or 90s, 30m, 2h, 3d for so long ago.",
            code=ExitCode.USAGE,
        ) from error


def require_window(since: datetime | None, until: datetime | None) -> None:
    """Raise CommandError if no time lies between the two; None is no bound."""
    if since and until and since >= until:
        raise CommandError(
            f"The window from {format_utc(since)} to {format_utc(until)} is empty.",
            hint="--since must be before --until, and before now.",
            code=ExitCode.USAGE,
        )


def format_utc(time: datetime) -> str:
    """Format a time for people."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _parse_iso(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
