"""The window of `GET /analytics`: two times and a limit, each bounded."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from functions.shared.runtime.problem import ProblemError

USUAL_WINDOW = timedelta(minutes=30)
MAXIMUM_WINDOW = timedelta(hours=24)
"""A request reads an hour of minutes with each query."""
USUAL_MINUTES, MAXIMUM_MINUTES_SHOWN = 60, 120
"""Lambda returns at most 6 MB: 50 KB for each minute, which is the units of more than 2,000 SKUs."""
TIME = "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z$"
"""A time in UTC; RFC 3339 without a fraction, and the seconds may be absent."""
_TIME, _LIMIT = re.compile(TIME, re.ASCII), re.compile("[1-9][0-9]{0,2}", re.ASCII)


class Window(Struct, frozen=True, kw_only=True):
    """The first and the last minute, and the most minutes to show."""

    since: datetime
    until: datetime
    limit: int


def window_of(event: Mapping[str, Any], *, now: datetime) -> Window:
    """Return the requested window, by default the latest half hour; ignore other parameters."""
    given = event.get("queryStringParameters") or {}
    until = _time("to", given["to"]) if "to" in given else now
    since = _time("from", given["from"]) if "from" in given else until - USUAL_WINDOW
    if not timedelta() <= until - since <= MAXIMUM_WINDOW:
        raise ProblemError("window_invalid", "to is at or after from, and at most 24 hours later")
    return Window(since=since, until=until, limit=_limit(given.get("limit", str(USUAL_MINUTES))))


def _time(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text if _TIME.fullmatch(text) else "").astimezone(UTC)
    except ValueError:  # another form, or a day that no month has
        raise ProblemError("window_invalid", f"{name} is a time in UTC such as 2026-11-23T10:00Z") from None


def _limit(text: str) -> int:
    if not _LIMIT.fullmatch(text) or int(text) > MAXIMUM_MINUTES_SHOWN:
        raise ProblemError("limit_invalid", f"limit is a whole number from 1 to {MAXIMUM_MINUTES_SHOWN}")
    return int(text)
