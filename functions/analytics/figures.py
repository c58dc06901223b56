"""The figures of one event: numbers to add to the minute in which it happened."""

from collections import Counter
from datetime import UTC, datetime

from functions.analytics.histogram import bucket_of
from functions.contracts import heartbeat
from functions.contracts.orders import OrderCancelled, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact

ORDERS, RESTATED = "orders", "restated"
REVENUE, UNITS, CANCELLED, EVENT, SHIPPED_AFTER = "revenue", "units", "cancelled", "event", "shipped_after"
"""Families of figures: a figure is named `units.TEAPOT`, for example."""

Figures = Counter[str]


def figures_of(event: Event[Fact], created_at: datetime | None) -> Figures:
    """Return what the event adds; `created_at` is the time of a shipped order's creation, if known.

    An event of a synthetic order counts as an event only.
    """
    fact = event.fact
    figures: Figures = Counter({f"{EVENT}.{type(fact).__name__}": 1})
    if _is_synthetic(fact):
        return figures
    if isinstance(fact, OrderCreated):
        figures[ORDERS] += 1
        figures[f"{REVENUE}.{fact.total.currency}"] += fact.total.amount
        for line in fact.lines:
            figures[f"{UNITS}.{line.sku}"] += line.quantity
    elif isinstance(fact, OrderCancelled):
        figures[f"{CANCELLED}.{fact.reason}"] += 1
    elif isinstance(fact, ShipmentScheduled) and created_at is not None:
        figures[f"{SHIPPED_AFTER}.{bucket_of(event.time - created_at)}"] += 1
    return figures


def _is_synthetic(fact: Fact) -> bool:
    if isinstance(fact, ShipmentScheduled):
        return fact.carrier == heartbeat.NO_CARRIER
    return isinstance(fact, OrderCreated | OrderCancelled) and heartbeat.is_synthetic(fact.customer_id)


def minute_of(time: datetime) -> str:
    """Return the minute of a time in UTC: `2026-11-28T21:05`."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M}"
