# Copied from functions/shared/contracts/timestamp.py by `python -m client_package`: change the original.
"""RFC 3339 timestamps, as other SDKs and brokers write them (https://www.rfc-editor.org/rfc/rfc3339#section-5.6)."""

import re
from datetime import UTC, datetime, timedelta, timezone

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,100}))?(?:[Zz]|([+-]\d{2}):(\d{2}))",
    re.ASCII,
)
_LEAP_SECOND = 60
_LAST_MINUTE = timedelta(hours=23, minutes=59)
_DAY = timedelta(days=1)
_LAST_MINUTE_OF_HOUR = 59
_MICROSECOND_DIGITS = 6


def parse_timestamp(text: str) -> datetime:
    """Return the time, truncated to microseconds; raise ValueError for anything else.

    A leap second, which is the last of a day in UTC, becomes the first second of the next day.
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError("not an RFC 3339 timestamp")
    year, month, day, hour, minute, second = (int(part) for part in found.group(1, 2, 3, 4, 5, 6))
    microsecond = int((found[7] or "0").ljust(_MICROSECOND_DIGITS, "0")[:_MICROSECOND_DIGITS])
    zone, is_leap = _zone(found[8], found[9]), second == _LEAP_SECOND
    timestamp = datetime(year, month, day, hour, minute, second - is_leap, microsecond, zone)
    if not is_leap:
        return timestamp
    if (timedelta(hours=hour, minutes=minute) - zone.utcoffset(None)) % _DAY != _LAST_MINUTE:
        raise ValueError("a leap second that is not the last of a day in UTC")
    return _next_second(timestamp)


def _next_second(timestamp: datetime) -> datetime:
    try:
        return timestamp + timedelta(seconds=1)
    except OverflowError:
        raise ValueError("a time after the year 9999") from None


def _zone(hours: str | None, minutes: str | None) -> timezone:
    if hours is None or minutes is None:
        return UTC
    offset = timedelta(hours=int(hours[1:]), minutes=int(minutes))
    if int(minutes) > _LAST_MINUTE_OF_HOUR:
        raise ValueError("an offset of more than 59 minutes")
    return timezone(-offset if hours.startswith("-") else offset)
