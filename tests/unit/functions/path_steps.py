"""The steps of one consumer on each path of an order, and what other services recorded before."""

import importlib
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCancelled, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.orders.completion import cancel
from functions.orders.placement import create
from functions.orders.store import UnknownOrderError, load
from functions.shared.contracts import codec
from tests.unit.functions import account
from tests.unit.functions.builders import CAUSE, a_delivery, an_event
from tests.unit.functions.order_paths import PATHS

OTHER_CONDITIONS = {"declined", "out of stock"}
"""Paths that differ in the card or the stock, not only in the events."""

Step = Callable[[], bool]
"""An action; False if it must be repeated later."""


def handler_of(consumer: str) -> Any:
    """Return the consumer's module `handler`."""
    return importlib.import_module(f"functions.{consumer}.handler")


def facts_of(way: str, number: int) -> list[OrderFact]:
    """Return the facts of this path, for an order and a customer of their own."""
    facts = []
    for fact in PATHS[way]:
        changes: dict[str, Any] = {"order_id": order(number)}
        if isinstance(fact, OrderCreated):
            changes |= {"customer_id": f"c{number}", "email": f"c{number}@example.com"}
        elif "customer_id" in type(fact).__struct_fields__:
            changes |= {"customer_id": f"c{number}"}
        if way == "declined" and "payment_method" in type(fact).__struct_fields__:
            changes |= {"payment_method": "pm_card_chargeDeclined"}
        facts.append(msgspec.structs.replace(fact, **changes))
    return facts


def order(number: int) -> str:
    return str(uuid.UUID(int=number))


def record_elsewhere(consumer: str, facts: Sequence[OrderFact]) -> None:
    """Record the facts of other services before their events are delivered."""
    for fact in facts:
        if fact.owner != consumer:
            key = {"pk": {"S": f"{fact.owner}#{fact.order_id}"}, "sk": {"S": fact.decision}}
            account.put("EVENT_LOG_TABLE", **key, event={"S": codec.write(an_event(fact))})
            if isinstance(fact, (OrderCancelled, ShipmentScheduled)):
                account.put("CLAIMS_TABLE", subject={"S": fact.order_id}, claimed_by={"S": fact.owner})


def checkout(created: OrderCreated) -> bool:
    create(created, cause=CAUSE)
    return True


def requested_cancellation(cancelled: OrderCancelled) -> bool:
    try:
        cancel(load(cancelled.order_id).fact, cancelled.reason, cause=CAUSE)
    except UnknownOrderError:
        return False
    return True


def steps_of(consumer: str, facts: Sequence[OrderFact]) -> list[tuple[str, str | Step]]:
    """Return the consumer's events; for orders also the requests of customers and the schedule."""
    known = handler_of(consumer).REACTIONS
    steps: list[tuple[str, str | Step]] = [
        (type(fact).__name__, a_delivery(fact)) for fact in facts if type(fact) in known
    ]
    if consumer == "orders":
        for fact in facts:
            if isinstance(fact, OrderCreated):
                steps.append(("create", partial(checkout, fact)))
            elif isinstance(fact, OrderCancelled) and fact.reason in {"customer_request", "timed_out"}:
                steps.append(("cancel", partial(requested_cancellation, fact)))
    return steps
