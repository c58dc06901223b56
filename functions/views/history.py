"""The steps of an order, folded from its events."""

from collections.abc import Iterable
from datetime import UTC, datetime

from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCreated
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.views import domain
from functions.views.domain import MILESTONES, Placed, Progress, Step


def progress(order_id: str, history: Iterable[Event[Fact]]) -> Progress:
    """Fold the order's events, in any order."""
    placed: Placed | None = None
    steps: dict[domain.Milestone, Step] = {}
    for event in history:
        fact = event.fact
        if isinstance(fact, OrderCreated):
            placed = domain.placed(fact)
        if isinstance(fact, OrderFact) and type(fact) in MILESTONES:
            steps[MILESTONES[type(fact)]] = domain.step(fact, iso_utc(event.time))
    return Progress(order_id=order_id, placed=placed, steps=steps)


def iso_utc(time: datetime) -> str:
    """Return the time in UTC at a fixed length, so that text sorts by time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
