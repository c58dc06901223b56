"""Fraud's reaction: check new orders."""

from functions.contracts.orders import OrderCreated
from functions.fraud import domain, store
from functions.fraud.rules import RULES
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer


def on_order_created(event: Event[OrderCreated]) -> Appended | None:
    """Clear the order, or publish the suspicion."""
    order, at = event.fact, event.time
    found = domain.reasons(order, store.past_of(order, at=at), RULES)
    if not found and store.commit_clearance(order, at=at, most=RULES.orders_in_an_hour):
        return None
    suspected = domain.suspect(order, found or (domain.TOO_MANY_ORDERS,))
    return store.commit_suspicion(suspected, order, at=at, cause=event.as_cause())


REACTIONS: Reactions = {OrderCreated: on_order_created}

handle = consumer("fraud", REACTIONS, store=event_log)
