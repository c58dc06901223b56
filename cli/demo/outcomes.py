"""What became of the orders, told by the event log alone."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.demo.cloud import Cloud
from functions.contracts.registry import ORDER_FACTS
from infrastructure.names import Names

SHIPPED, CANCELLED, OPEN, CONTRADICTORY = "shipped", "cancelled", "open", "contradictory"

_OF_ORDERS = {fact.__name__ for fact in ORDER_FACTS}
_TERMINAL = {"ShipmentScheduled": SHIPPED, "OrderCancelled": CANCELLED}


@dataclass(slots=True)
class Outcome:
    """Every order that was recorded, with the state it ended in."""

    orders_in: int
    states: dict[str, str] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    causes: dict[str, str] = field(default_factory=dict)
    """Of each order, the id of the event or request that it began with."""

    @property
    def terminal(self) -> dict[str, int]:
        """How many orders ended in each state; those that never got as far as the log are open, too."""
        counts = Counter(self.states.values())
        counts[OPEN] += max(0, self.orders_in - len(self.states))
        return {state: number for state, number in sorted(counts.items()) if number}

    @property
    def is_complete(self) -> bool:
        """Whether exactly the orders that went in are shipped or cancelled."""
        return len(self.states) == self.orders_in and set(self.terminal) <= {SHIPPED, CANCELLED}

    def first(self, state: str) -> str | None:
        """The first recorded order that ended in this state."""
        return next((order for order, ended in self.states.items() if ended == state), None)


def outcome_of(events: Iterable[Mapping[str, Any]], orders_in: int) -> Outcome:
    """Fold the log's events, in any order and one at a time, into what became of each order."""
    outcome = Outcome(orders_in)
    for event in events:
        order, fact = event["subject"], event["type"]
        outcome.facts[fact] += 1
        if fact not in _OF_ORDERS:
            continue
        outcome.states[order] = _further(outcome.states.get(order, OPEN), _TERMINAL.get(fact, OPEN))
        if fact == "OrderCreated":
            outcome.causes[order] = event["causationid"]
        if fact == "OrderCancelled":
            outcome.reasons[event["data"]["reason"]] += 1
    return outcome


def _further(before: str, now: str) -> str:
    """An end outlasts what comes before or after it; two different ends contradict each other."""
    if OPEN in (before, now) or before == now:
        return now if before == OPEN else before
    return CONTRADICTORY


def read_event_log(cloud: Cloud, names: Names) -> Iterable[dict[str, Any]]:
    """Every event in the log."""
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=names.event_log)
    for page in pages:
        for row in page["Items"]:
            yield json.loads(row["event"]["S"])
