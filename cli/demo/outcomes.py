"""The outcomes of the orders, read from the event log alone."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.contracts.registry import ORDER_FACTS
from infrastructure.names import Names
from pocketcloud.cloud import OfflineCloud

SHIPPED, CANCELLED, OPEN, CONTRADICTORY = "shipped", "cancelled", "open", "contradictory"

_ORDER_FACTS = {fact.__name__ for fact in ORDER_FACTS}
_TERMINAL = {"ShipmentScheduled": SHIPPED, "OrderCancelled": CANCELLED}


@dataclass(slots=True)
class OrderOutcomes:
    """The final state of every recorded order."""

    orders_in: int
    states: dict[str, str] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    causes: dict[str, str] = field(default_factory=dict)
    """By order, the id of the event or request that created it."""

    @property
    def terminal(self) -> dict[str, int]:
        """Return the number of orders per state; orders missing from the log are open."""
        counts = Counter(self.states.values())
        counts[OPEN] += max(0, self.orders_in - len(self.states))
        return {state: number for state, number in sorted(counts.items()) if number}

    @property
    def is_complete(self) -> bool:
        """Return whether exactly the orders sent are shipped or cancelled."""
        return len(self.states) == self.orders_in and set(self.terminal) <= {SHIPPED, CANCELLED}

    def first(self, state: str) -> str | None:
        """Return the first recorded order in this state."""
        return next((order for order, final in self.states.items() if final == state), None)


def outcomes_of(events: Iterable[Mapping[str, Any]], orders_in: int) -> OrderOutcomes:
    """Fold the log's events, in any order, into the outcomes."""
    outcomes = OrderOutcomes(orders_in)
    for event in events:
        order, fact = event["subject"], event["type"]
        outcomes.facts[fact] += 1
        if fact not in _ORDER_FACTS:
            continue
        outcomes.states[order] = _later_state(outcomes.states.get(order, OPEN), _TERMINAL.get(fact, OPEN))
        if fact == "OrderCreated":
            outcomes.causes[order] = event["causationid"]
        if fact == "OrderCancelled":
            outcomes.reasons[event["data"]["reason"]] += 1
    return outcomes


def _later_state(before: str, now: str) -> str:
    """Keep a final state; two different final states are contradictory."""
    if OPEN in (before, now) or before == now:
        return now if before == OPEN else before
    return CONTRADICTORY


def read_event_log(cloud: OfflineCloud, names: Names) -> Iterable[dict[str, Any]]:
    """Yield every event in the log."""
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=names.event_log)
    for page in pages:
        for row in page["Items"]:
            yield json.loads(row["event"]["S"])
