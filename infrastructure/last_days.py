"""The setting `accept_older_until`: the last day of each version that outside producers may still publish."""

from collections.abc import Mapping
from datetime import date

from infrastructure.services import Topology

LastDays = dict[str, dict[str, str]]
"""Days (ISO 8601) by event and major version."""


def check_last_days(days: LastDays, topology: Topology) -> None:
    """Raise ValueError unless each older version from outside has its promised day, or a later one."""
    promised = _promised(topology)
    given = {(name, major): day for name, majors in days.items() for major, day in majors.items()}
    if given.keys() != promised.keys():
        expected = ", ".join(f"{name} {major}" for name, major in sorted(promised)) or "none"
        raise ValueError(f"accept_older_until needs a day for each older version from outside: {expected}")
    for (name, major), day in given.items():
        if _parsed(day) < date.fromisoformat(promised[name, major]):
            raise ValueError(
                f"accept_older_until ends {name} {major} on {day}; partners know {promised[name, major]}"
            )


def _promised(topology: Topology) -> Mapping[tuple[str, str], str]:
    return {
        (fact.name, str(major)): day
        for fact in topology.facts
        if topology.is_external(fact)
        for major, day in fact.older_until.items()
    }


def _parsed(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"accept_older_until has no such day: {day!r}; write it as 2027-06-30") from None
