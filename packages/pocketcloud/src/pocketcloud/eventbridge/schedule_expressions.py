"""Schedule expressions: `at(…)`, `rate(…)` and `cron(…)`.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from pocketcloud.eventbridge.cron import parse_cron

_RATE = re.compile(r"rate\((?P<count>[1-9]\d*) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_AT = re.compile(r"at\((?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON = re.compile(r"cron\((?P<fields>.+)\)")


def is_one_time(expression: str) -> bool:
    """Return whether the schedule runs once."""
    return expression.startswith("at(")


def next_run(expression: str, after: datetime, *, since: datetime, zone: tzinfo = UTC) -> datetime | None:
    """Return the first run after a time, in UTC; None if there is none.

    A rate counts its periods from `since`. Raise ValueError for an invalid expression.
    """
    if match := _AT.fullmatch(expression):
        once = datetime.fromisoformat(match["time"]).replace(tzinfo=zone).astimezone(UTC)
        return once if once > after else None
    if match := _CRON.fullmatch(expression):
        return parse_cron(match["fields"]).next_after(after, zone)
    period = _period(expression)
    return since + period * max(1, (after - since) // period + 1)


def _period(expression: str) -> timedelta:
    match = _RATE.fullmatch(expression)
    if match is None or (match["count"] == "1") == bool(match["plural"]):
        raise ValueError(f"{expression} is not a valid schedule expression")
    return timedelta(**{f"{match['unit']}s": int(match["count"])})
