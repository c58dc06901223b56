"""The last day of an older version that an outside producer may still publish.

The day of the event's own time decides, in UTC. So every retry, redrive and replay of an event has the same
outcome, whenever it runs. An event cannot be dated back for long: see `check_time`.
"""

import os
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from functools import cache

import msgspec

from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact

VARIABLE = "ACCEPT_OLDER_UNTIL"
"""The environment variable with the last days as JSON: `{"CheckoutCompleted": {"1": "2027-06-30"}}`."""
NOTICE = timedelta(days=30)
"""Time before its last day within which an event in an older version is counted as a warning."""


def check_last_day(event: Event[Fact]) -> None:
    """Raise `Rejected` if the event is in a version that ended before it was published."""
    last = _last_day(event)
    if last is not None and _day(event) > last:
        name, latest = type(event.fact).__name__, type(event.fact).version
        raise Rejected("version_ended", f"{name} v{event.major} ended on {last}: publish v{latest}")


def ends_soon(event: Event[Fact]) -> bool:
    """Return whether the event is in a version that ends within the notice."""
    last = _last_day(event)
    return last is not None and _day(event) > last - NOTICE


def _day(event: Event[Fact]) -> date:
    return event.time.astimezone(UTC).date()


def _last_day(event: Event[Fact]) -> date | None:
    """Return the last day of the event's version; None if it has none, as the latest and our own."""
    return _last_days(os.environ.get(VARIABLE, "{}")).get(type(event.fact).__name__, {}).get(event.major)


@cache
def _last_days(text: str) -> Mapping[str, Mapping[int, date]]:
    return msgspec.json.decode(text, type=dict[str, dict[int, date]])
