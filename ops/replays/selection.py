"""Which facts are meant: of which orders, of which kinds, and from when to when."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.shared.contracts.codec import is_order_id
from ops.exit_codes import ExitCode
from ops.failure import CommandError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Facts for which all that is given holds; what is not given is not asked about."""

    orders: tuple[str, ...] = ()
    facts: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is too late."""

    def takes(self, fact: str, time: datetime) -> bool:
        """Whether a fact of that name and time is meant; of which order it is, the reader has seen to."""
        return (
            (self.facts is None or fact in self.facts)
            and (self.since is None or time >= self.since)
            and (self.until is None or time < self.until)
        )


def orders_of(given: Iterable[str]) -> tuple[str, ...]:
    """The orders that were named, each once; a CommandError where one is none."""
    for order in given:
        if not is_order_id(order):
            raise CommandError(
                f"{order} is no order's id.",
                hint="It is like 0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11; `orderbus orders ls` shows them.",
                code=ExitCode.USAGE,
            )
    return tuple(dict.fromkeys(given))


def moment(text: str | None, *, now: datetime) -> datetime | None:
    """`2026-11-23T10:00Z`, a day, or how long ago: `90s`, `30m`, `2h`, `3d`; without a zone it is UTC."""
    if text is None:
        return None
    ago = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if ago:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"{text} is no time.",
            hint="It is like 2026-11-23T10:00Z, 2026-11-23, or how long ago: 90s, 30m, 2h, 3d.",
            code=ExitCode.USAGE,
        ) from error
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def utc(time: datetime) -> str:
    """The moment as a person reads it."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
