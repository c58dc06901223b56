"""The dates on which the fast tests run, each found from now so that none of them is ever past."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

from msgspec import Struct

HOUR = timedelta(hours=1)
YEAR_HOURS = 366 * 24
BEFORE = timedelta(seconds=10)
"""So that collection comes before the change, and the tests come after it."""
NEW_YORK, KIRITIMATI = "America/New_York", "Pacific/Kiritimati"


class Date(Struct, frozen=True, kw_only=True):
    """A time at which the tests start, and the time zone of the machine."""

    name: str
    at: datetime
    zone: str = "UTC"


def dates(now: datetime) -> list[Date]:
    """Return every date, as of now."""
    new_york, kiritimati = ZoneInfo(NEW_YORK), ZoneInfo(KIRITIMATI)
    # Daylight saving time has the larger offset.
    back, forward = sorted(islice(changes(new_york, now), 2), key=lambda at: offset(new_york, at))
    return [
        Date(name="tomorrow", at=now + timedelta(days=1)),
        Date(name="in-200-days", at=now + timedelta(days=200)),
        Date(name="leap-day", at=leap_day(now)),
        Date(name="new-year", at=datetime(now.year + 1, 1, 1, tzinfo=UTC) - BEFORE),
        Date(name="clocks-forward", at=forward - BEFORE, zone=NEW_YORK),
        Date(name="clocks-back", at=back - BEFORE, zone=NEW_YORK),
        Date(
            name="kiritimati",
            at=datetime(now.year + 1, 1, 1, 0, 30, tzinfo=kiritimati),
            zone=KIRITIMATI,
        ),
    ]


def leap_day(now: datetime) -> datetime:
    """Return noon of the next 29 February after now."""
    year = now.year
    while True:
        try:
            noon = datetime(year, 2, 29, 12, tzinfo=UTC)
        except ValueError:  # not a leap year
            noon = now
        if noon > now:
            return noon
        year += 1


def changes(zone: tzinfo, now: datetime) -> Iterator[datetime]:
    """Find the hours within a year from now at which the zone's clocks change."""
    start = now.replace(minute=0, second=0, microsecond=0)
    for hour in range(1, YEAR_HOURS):
        at = start + hour * HOUR
        if offset(zone, at) != offset(zone, at - HOUR):
            yield at


def offset(zone: tzinfo, at: datetime) -> timedelta:
    """Return how far the zone's clocks are ahead of UTC."""
    return at.astimezone(zone).utcoffset() or timedelta()
