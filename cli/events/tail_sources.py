"""The sources of `orderbus events tail`; each returns the facts that are new since the last poll.

The event log has no index by time, and its stream allows no third reader. So there are two sources: the event
log for one order, and the relay's log for all, which has a share of all traces (docs/decisions/0030).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from cli.core.event_log_reader import FactLog, Place
from cli.core.fact_selection import FactSelection, unknown_order
from cli.events.tailed_fact import TailedFact
from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCancelled, OrderConfirmed
from functions.contracts.registry import FACTS
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.log_context import UNREADABLE

PUBLISHED = "published"
LOG_DELAY = timedelta(minutes=1)
"""Maximum delay of a line in CloudWatch Logs; each poll overlaps the last one by as much."""


class Source(Protocol):
    """A source of facts."""

    def new(self) -> Sequence[TailedFact]:
        """Return the facts since the last call, oldest first."""


@dataclass(frozen=True, kw_only=True)
class OrderSource:
    """Every fact of the orders, from the event log, with one or two requests per poll."""

    log: FactLog
    selection: FactSelection
    _seen: set[Place] = field(default_factory=set)

    def new(self) -> Sequence[TailedFact]:
        """Return the new facts of the orders."""
        places = [place for place in self.log.places(self.selection) if place not in self._seen]
        for order in self.log.unknown:
            raise unknown_order(order)
        self._seen.update(places)
        return list(self._readable(places))

    def _readable(self, places: Sequence[Place]) -> Iterator[TailedFact]:
        """Yield the readable facts; add the others to the log's unreadable rows."""
        for place, row in zip(places, self.log.rows(places), strict=True):
            try:
                yield TailedFact.of(row["event"]["S"])
            except Rejected:
                self.log.unreadable.append(f"{place.pk} {place.sk}")


@dataclass(kw_only=True)
class RelaySource:
    """The facts that the relay has logged as published, each read from the event log."""

    logs: Any
    """boto3's client of CloudWatch Logs; its stubs are not installed."""
    group: str
    log: FactLog
    since: datetime
    facts: frozenset[str] | None
    _seen: dict[str, datetime] = field(default_factory=dict)

    def new(self) -> Sequence[TailedFact]:
        """Return the facts of new lines."""
        lines = sorted(self._lines(), key=lambda line: line[0])
        if lines:
            self.since = max(self.since, lines[-1][0] - LOG_DELAY)
            self._seen = {name: at for name, at in self._seen.items() if at >= self.since}
        wanted = [(at, line) for at, line in lines if self.facts is None or _fact_in(line) in self.facts]
        return self._joined(wanted)

    def _lines(self) -> Iterator[tuple[datetime, dict[str, Any]]]:
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=self.group,
            filterPattern=f'"{PUBLISHED}"',
            startTime=max(0, int(self.since.timestamp() * 1000)),  # CloudWatch Logs rejects times before 1970
        )
        for event in (event for page in pages for event in page["events"]):
            at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            line = _published(event["message"])
            if line is not None and event["eventId"] not in self._seen:
                self._seen[event["eventId"]] = at
                yield at, line

    def _joined(self, lines: Sequence[tuple[datetime, dict[str, Any]]]) -> list[TailedFact]:
        """Return each line's fact; a line about no order lacks the key, so its fact has no payload."""
        documents = self.log.documents(dict.fromkeys(key for _, line in lines for key in _keys(line)))
        return [
            TailedFact.of(documents[line["event_id"]])
            if line["event_id"] in documents
            else _without_payload(at, line)
            for at, line in lines
        ]


def _published(message: str) -> dict[str, Any] | None:
    """Return the line if it reports a publication."""
    try:
        line = json.loads(message)
    except ValueError:
        return None
    is_published = isinstance(line, dict) and line.get("message") == PUBLISHED and "event_id" in line
    return line if is_published else None


def _fact_in(line: dict[str, Any]) -> str:
    return str(line["schema"]).split(":")[-2] if line["schema"] != UNREADABLE else UNREADABLE


def _keys(line: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys under which the log may have the fact of an order.

    A cancellation before the confirmation takes its place (docs/decisions/0043-an-order-is-its-events.md).
    """
    contract = FACTS.get(_fact_in(line))
    if contract is not None and issubclass(contract, OrderFact):
        pk = f"{contract.owner}#{line['order_id']}"
        yield pk, contract.decision
        if contract is OrderCancelled:
            yield pk, OrderConfirmed.decision


def _without_payload(at: datetime, line: dict[str, Any]) -> TailedFact:
    fact = _fact_in(line)
    owner = FACTS[fact].owner if fact in FACTS else UNREADABLE
    correlation = str(line["correlation_id"])
    return TailedFact(
        time=at,
        fact=fact,
        owner=owner,
        subject=UNREADABLE,
        id=str(line["event_id"]),
        correlation_id=correlation,
    )
