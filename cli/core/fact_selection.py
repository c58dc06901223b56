"""Which facts are meant: of which orders, of which kinds, and from when to when."""

from dataclasses import dataclass
from datetime import datetime


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
