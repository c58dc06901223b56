"""Follow orders in the event log until each is shipped or cancelled."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from cli.core.account import Account
from cli.core.event_log_reader import FactLog
from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact

FINAL = (ShipmentScheduled, OrderCancelled)
DECISIONS = tuple(
    dict.fromkeys((fact.owner, fact.decision) for fact in (OrderCreated, OrderConfirmed, *FINAL))
)
"""A cancellation of an unconfirmed order has the place of its confirmation."""
POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class OrderJourney:
    """The events of one order in the event log."""

    order_id: str
    created_at: float | None = None
    """Seconds since the epoch."""
    ended_at: float | None = None
    final: str = ""
    """The name of the fact that ended it."""

    @property
    def seconds(self) -> float | None:
        """Return the seconds from creation to the end, by the functions' clocks; None if it is open."""
        if self.created_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.created_at


def followed(account: Account, order_ids: Iterable[str], within_seconds: float) -> list[OrderJourney]:
    """Return each order's journey, `within_seconds` after the call at the latest."""
    log = FactLog(dynamodb=account.client("dynamodb"), names=account.names, sleep=time.sleep)
    deadline = time.monotonic() + within_seconds
    journeys = {order_id: OrderJourney(order_id) for order_id in order_ids}
    while pending := [each for each in journeys.values() if each.seconds is None]:
        orders = [each.order_id for each in pending]
        journeys |= {each.order_id: each for each in _updated(pending, log.events(orders, DECISIONS))}
        if time.monotonic() >= deadline:
            break
        time.sleep(POLL_SECONDS)
    return list(journeys.values())


def _updated(pending: Iterable[OrderJourney], events: Iterator[Event[Fact]]) -> Iterator[OrderJourney]:
    journeys = {each.order_id: each for each in pending}
    for event in events:
        journey, at = journeys[event.subject], event.time.timestamp()
        if isinstance(event.fact, OrderCreated):
            journeys[journey.order_id] = replace(journey, created_at=at)
        elif isinstance(event.fact, FINAL):
            journeys[journey.order_id] = replace(journey, ended_at=at, final=type(event.fact).__name__)
    return iter(journeys.values())
