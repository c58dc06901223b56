"""The journey of one order: for every fact its publisher, consumers, route and delay."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pocketcloud.core.journal import Hop, Kind

_ONWARD = {Kind.MATCHED, Kind.PUBLISHED, Kind.ENQUEUED}


@dataclass(frozen=True, slots=True)
class ConsumerArrival:
    """The arrival of a fact at one consumer."""

    route: tuple[str, ...]
    """The resources from the bus's rule to the consumer, each `<kind>/<name>`."""
    delay: timedelta
    attempts: int


@dataclass(frozen=True, slots=True)
class FactJourney:
    """A fact, its publisher and its arrivals."""

    fact: str
    publisher: str
    at: datetime
    arrivals: tuple[ConsumerArrival, ...]


def journey_of(hops: Iterable[Hop]) -> list[FactJourney]:
    """Return the facts from the hops of the journal, oldest first."""
    by_event: dict[str, list[Hop]] = {}
    for hop in hops:
        if hop.event is not None:
            by_event.setdefault(hop.event.id, []).append(hop)
    return sorted(map(_fact_journey, by_event.values()), key=lambda fact: fact.at)


def _fact_journey(hops: Sequence[Hop]) -> FactJourney:
    first = hops[0]
    fact = first.event.type if first.event is not None else ""
    return FactJourney(fact, first.source, first.at, tuple(_arrivals(hops)))


def _arrivals(hops: Sequence[Hop]) -> Iterator[ConsumerArrival]:
    """Yield one arrival per consumer, at its first attempt."""
    attempts: dict[str, list[int]] = {}
    for index, hop in enumerate(hops):
        if hop.kind is Kind.INVOKED and hop.source.startswith("queue/"):
            attempts.setdefault(hop.destination, []).append(index)
    for indexes in attempts.values():
        route = _route(hops[: indexes[0] + 1])
        yield ConsumerArrival(route, hops[indexes[0]].at - hops[0].at, len(indexes))


def _route(hops: Sequence[Hop]) -> tuple[str, ...]:
    """Return the resources from the bus to the last hop, followed backwards."""
    last = hops[-1]
    resources = [last.destination, last.source]
    for hop in reversed(hops[:-1]):
        if hop.kind in _ONWARD and hop.destination == resources[-1] and not hop.source.startswith("bus/"):
            resources.append(hop.source)
    return tuple(reversed(resources))
