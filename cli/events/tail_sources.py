"""Where the facts of `orderbus events tail` come from, and which are new at each look.

The event log has no index by time, and its stream no room for a third reader. So there are two: of one order,
the log itself; of all, what the relay logs of its publications, which is of a share of all traces (0030).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from cli.core.event_log_reader import FactLog, Place
from cli.core.fact_selection import Selection
from cli.core.order_ids import unknown
from cli.events.tail_heard import Heard
from functions.contracts.order_fact import OrderFact
from functions.contracts.registry import FACTS
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.log_context import UNREADABLE

PUBLISHED = "published"
LATE = timedelta(minutes=1)
"""How long a line may be on its way to CloudWatch Logs; so far back is looked again."""


class Source(Protocol):
    """Where facts come from."""

    def new(self) -> Sequence[Heard]:
        """Those that have come since it was asked last, the oldest first."""


@dataclass(frozen=True, kw_only=True)
class OrderSource:
    """One order's facts, from the event log: every one, at a request or two a look."""

    log: FactLog
    selection: Selection
    _told: set[Place] = field(default_factory=set)

    def new(self) -> Sequence[Heard]:
        """Those of the order that were not there before."""
        places = [place for place in self.log.places(self.selection) if place not in self._told]
        for order in self.log.unknown:
            raise unknown(order)
        self._told.update(places)
        return list(self._readable(places))

    def _readable(self, places: Sequence[Place]) -> Iterator[Heard]:
        """Those that say what they say in a form that can be read; the others are named with the log's."""
        for place, row in zip(places, self.log.rows(places), strict=True):
            try:
                yield Heard.of(row["event"]["S"])
            except Rejected:
                self.log.unreadable.append(f"{place.pk} {place.sk}")


@dataclass(kw_only=True)
class RelaySource:
    """What the relay says it has published, from its log lines, each joined to its fact in the event log."""

    logs: Any
    """boto3's client of CloudWatch Logs, whose stubs are not installed."""
    group: str
    log: FactLog
    since: datetime
    facts: frozenset[str] | None
    _seen: dict[str, datetime] = field(default_factory=dict)

    def new(self) -> Sequence[Heard]:
        """Those whose lines were not there before."""
        lines = sorted(self._lines(), key=lambda line: line[0])
        if lines:
            self.since = max(self.since, lines[-1][0] - LATE)
            self._seen = {name: at for name, at in self._seen.items() if at >= self.since}
        told = [(at, said) for at, said in lines if self.facts is None or _fact_in(said) in self.facts]
        return self._joined(told)

    def _lines(self) -> Iterator[tuple[datetime, dict[str, Any]]]:
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=self.group,
            filterPattern=f'"{PUBLISHED}"',
            startTime=max(0, int(self.since.timestamp() * 1000)),  # it has no lines of before 1970
        )
        for event in (event for page in pages for event in page["events"]):
            at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            said = _said(event["message"])
            if said is not None and event["eventId"] not in self._seen:
                self._seen[event["eventId"]] = at
                yield at, said

    def _joined(self, told: Sequence[tuple[datetime, dict[str, Any]]]) -> list[Heard]:
        """Each line's fact; of one that is about no order a line has no key, and tells what it can."""
        places = {said["event_id"]: place for at, said in told if (place := _place(at, said)) is not None}
        keys = list(dict.fromkeys(places.values()))
        documents = {place: row["event"]["S"] for place, row in zip(keys, self.log.rows(keys), strict=True)}
        return [
            Heard.of(documents[places[said["event_id"]]]) if said["event_id"] in places else _alone(at, said)
            for at, said in told
        ]


def _said(message: str) -> dict[str, Any] | None:
    """The line, if it is about a publication."""
    try:
        line = json.loads(message)
    except ValueError:
        return None
    is_one = isinstance(line, dict) and line.get("message") == PUBLISHED and "event_id" in line
    return line if is_one else None


def _fact_in(said: dict[str, Any]) -> str:
    return str(said["schema"]).split(":")[-2] if said["schema"] != UNREADABLE else UNREADABLE


def _place(at: datetime, said: dict[str, Any]) -> Place | None:
    contract = FACTS.get(_fact_in(said))
    if contract is None or not issubclass(contract, OrderFact):
        return None
    return Place(at, f"{contract.owner}#{said['order_id']}", contract.decision, contract.__name__)


def _alone(at: datetime, said: dict[str, Any]) -> Heard:
    fact = _fact_in(said)
    owner = FACTS[fact].owner if fact in FACTS else UNREADABLE
    correlation = str(said["correlation_id"])
    return Heard(
        time=at,
        fact=fact,
        owner=owner,
        subject=UNREADABLE,
        id=str(said["event_id"]),
        correlation_id=correlation,
    )
