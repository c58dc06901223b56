"""Cron expressions of EventBridge: minutes, hours, day of month, month, day of week and year.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count

_FIELDS = 6
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_PART = re.compile(r"(?P<first>\*|\w+)(-(?P<last>\w+))?(/(?P<step>\d+))?")
_SATURDAY, _SUNDAY = 5, 6
"""Python's numbers of the weekend."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression; the two day fields keep their text because of `L`, `W` and `#`."""

    minutes: frozenset[int]
    hours: frozenset[int]
    month_days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    def next_after(self, after: datetime, zone: tzinfo) -> datetime | None:
        """Return the first time after `after` in UTC; None if there is none.

        A local time that the clock change skips does not occur; one that repeats occurs once.
        """
        today = after.astimezone(zone).date()
        for day in self._days_from(today):
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    local = datetime.combine(day, time(hour, minute), zone)
                    found = local.astimezone(UTC)
                    is_real = found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
                    if is_real and found > after:
                        return found
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        last_year = max(self.years)
        for offset in count():
            day = first + timedelta(days=offset)
            if day.year > last_year:
                return
            if day.year in self.years and day.month in self.months and self.is_on(day):
                yield day

    def is_on(self, day: date) -> bool:
        """Return whether one of the two day fields matches; raise ValueError if it is invalid."""
        if self.weekdays == "?":
            return any(_is_month_day(part, day) for part in self.month_days.split(","))
        return any(_is_weekday(part, day) for part in self.weekdays.split(","))


def parse_cron(fields: str) -> Cron:
    """Parse the six fields; raise ValueError for what EventBridge rejects."""
    parts = fields.upper().split()
    if len(parts) != _FIELDS:
        raise ValueError(f"a cron expression has six fields: {fields}")
    minutes, hours, month_days, months, weekdays, years = parts
    if (month_days == "?") == (weekdays == "?"):
        raise ValueError(f"either the day of month or the day of week must be ?: {fields}")
    cron = Cron(
        minutes=_numbers(minutes, 0, 59),
        hours=_numbers(hours, 0, 23),
        month_days=month_days,
        months=_numbers(months, 1, 12, _MONTHS),
        weekdays=weekdays,
        years=_numbers(years, _FIRST_YEAR, _LAST_YEAR),
    )
    cron.is_on(date(2000, 1, 1))  # raises ValueError for an invalid day
    return cron


def _is_month_day(part: str, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if part == "L":
        return day.day == last
    if part == "LW":
        return day == _nearest_weekday(day.replace(day=last))
    if part.endswith("W"):
        number = min(_number(part[:-1], 1, 31), last)
        return day == _nearest_weekday(day.replace(day=number))
    return day.day in _numbers(part, 1, 31)


def _nearest_weekday(day: date) -> date:
    """Return the weekday nearest to a day, within its month."""
    if day.weekday() == _SATURDAY:
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
    if day.weekday() == _SUNDAY:
        following = day + timedelta(days=1)
        return following if following.month == day.month else day - timedelta(days=2)
    return day


def _is_weekday(part: str, day: date) -> bool:
    weekday = day.isoweekday() % 7 + 1
    if "#" in part:
        name, _, nth = part.partition("#")
        return weekday == _number(name, 1, 7, _WEEKDAYS) and (day.day - 1) // 7 + 1 == _number(nth, 1, 5)
    if part == "L":
        return weekday == _WEEKDAYS["SAT"]
    if part.endswith("L"):
        last = calendar.monthrange(day.year, day.month)[1]
        return weekday == _number(part[:-1], 1, 7, _WEEKDAYS) and day.day > last - 7
    return weekday in _numbers(part, 1, 7, _WEEKDAYS)


def _numbers(text: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    return frozenset(number for part in text.split(",") for number in _range(part, low, high, names or {}))


def _range(part: str, low: int, high: int, names: dict[str, int]) -> range:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"invalid cron field: {part}")
    everything = match["first"] == "*"
    first = low if everything else _number(match["first"], low, high, names)
    last = first
    if match["last"]:
        last = _number(match["last"], low, high, names)
    elif everything or match["step"]:
        last = high
    if last < first:
        raise ValueError(f"invalid cron range: {part}")
    return range(first, last + 1, int(match["step"] or 1) or 1)


def _number(text: str, low: int, high: int, names: dict[str, int] | None = None) -> int:
    number = (names or {}).get(text, -1)
    number = int(text) if number < 0 and text.isdigit() else number
    if not low <= number <= high:
        raise ValueError(f"{text} is not between {low} and {high}")
    return number
