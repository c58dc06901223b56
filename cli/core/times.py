"""Moments and lengths of time as somebody types them: `2026-11-23T10:00Z`, a day, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """`90s`, `30m`, `2h` or `3d`; ValueError for anything else."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if found is None:
        raise ValueError(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def moment(text: str | None, *, now: datetime) -> datetime | None:
    """`2026-11-23T10:00Z`, a day, or how long ago: `90s`, `30m`, `2h`, `3d`; without a zone it is UTC."""
    if text is None:
        return None
    try:
        return now - duration(text) if text[-1:] in _UNITS else _dated(text)
    except (ValueError, OverflowError) as error:  # the calendar begins with the year 1
        raise CommandError(
            f"{text} is no time.",
            hint="It is like 2026-11-23T10:00Z, 2026-11-23, or how long ago: 90s, 30m, 2h, 3d.",
            code=ExitCode.USAGE,
        ) from error


def refuse_empty_window(since: datetime | None, until: datetime | None) -> None:
    """A CommandError where nothing can lie between the two; what is not given bounds nothing."""
    if since and until and since >= until:
        raise CommandError(
            f"The window from {utc(since)} to {utc(until)} is empty.",
            hint="--since comes before --until, and before now.",
            code=ExitCode.USAGE,
        )


def utc(time: datetime) -> str:
    """The moment as a person reads it."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _dated(text: str) -> datetime:
    given = datetime.fromisoformat(text)
    return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)
