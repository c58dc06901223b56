"""One order's journey: for every fact, who stated it and by which way it reached whom, after how long."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pocketcloud.core.journal import Hop, Kind

_ONWARD = {Kind.MATCHED, Kind.PUBLISHED, Kind.ENQUEUED}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A fact at one consumer."""

    way: tuple[str, ...]
    """The stations in order, from the bus's rule to the consumer, each `<kind of resource>/<name>`."""
    after: timedelta
    attempts: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A fact, where it comes from, and where it arrived."""

    fact: str
    origin: str
    at: datetime
    arrivals: tuple[Arrival, ...]


def journey(hops: Iterable[Hop]) -> list[Passage]:
    """The facts in the order they were stated, from the hops of the journal."""
    by_event: dict[str, list[Hop]] = {}
    for hop in hops:
        if hop.event is not None:
            by_event.setdefault(hop.event.id, []).append(hop)
    return sorted((_passage(of_one) for of_one in by_event.values()), key=lambda passage: passage.at)


def _passage(hops: Sequence[Hop]) -> Passage:
    first = hops[0]
    fact = first.event.type if first.event is not None else ""
    return Passage(fact, first.source, first.at, tuple(_arrivals(hops)))


def _arrivals(hops: Sequence[Hop]) -> Iterator[Arrival]:
    """One per consumer, at its first attempt."""
    attempts: dict[str, list[int]] = {}
    for index, hop in enumerate(hops):
        if hop.kind is Kind.INVOKED and hop.source.startswith("queue/"):
            attempts.setdefault(hop.destination, []).append(index)
    for indexes in attempts.values():
        way = _way(hops[: indexes[0] + 1])
        yield Arrival(way, hops[indexes[0]].at - hops[0].at, len(indexes))


def _way(hops: Sequence[Hop]) -> tuple[str, ...]:
    """The stations behind the last hop, followed back until the bus."""
    last = hops[-1]
    stations = [last.destination, last.source]
    for hop in reversed(hops[:-1]):
        if hop.kind in _ONWARD and hop.destination == stations[-1] and not hop.source.startswith("bus/"):
            stations.append(hop.source)
    return tuple(reversed(stations))
