"""Fraud's reaction: check new orders."""

from datetime import UTC, datetime

from functions.contracts.orders import OrderCreated
from functions.fraud import domain, store
from functions.fraud.domain import Past
from functions.fraud.rules import RULES
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer


def on_order_created(event: Event[OrderCreated]) -> Appended | None:
    """Clear the order, or publish the suspicion; an order older than our records is not judged again."""
    order, at = event.fact, event.time
    if datetime.now(UTC) >= at + store.KEPT:
        return None
    countries = store.countries_of(order) if domain.depends_on_countries(order, RULES) else frozenset[str]()
    found = domain.reasons(order, Past(orders=0, countries=countries), RULES)
    if not found and store.commit_clearance(order, at=at, most=RULES.orders_in_an_hour):
        return None
    return _suspected(event, countries)


def _suspected(event: Event[OrderCreated], countries: frozenset[str]) -> Appended | None:
    order, at, most = event.fact, event.time, RULES.orders_in_an_hour
    counted = store.counted(order, at=at)
    found = domain.reasons(order, Past(orders=len(counted), countries=countries), RULES)
    # A full hour stays full, so it needs no further order to reject this one again.
    counts = order.order_id in counted or len(counted) < most
    suspicion = domain.suspect(order, found)
    return store.commit_suspicion(suspicion, order, at=at, cause=event.as_cause(), counts=counts)


REACTIONS: Reactions = {OrderCreated: on_order_created}

handle = consumer("fraud", REACTIONS, store=event_log)
