"""A consumer's result does not depend on the sequence, the repetition or the batches of its events.

Exhaustive: every permutation of the events of each path, with duplicates drawn from a seed. The test compares
visible results: stock, money, emails, parcels and status. Recorded facts may differ, because a tombstone
replaces an action that never happened.
"""

import importlib
import itertools
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random
from typing import Any

import msgspec
import pytest

from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCancelled, OrderCreated
from functions.contracts.registry import DECISIONS
from functions.orders.completion import cancel
from functions.orders.placement import create
from functions.orders.store import UnknownOrderError
from functions.shared.contracts import codec
from functions.shared.runtime.consumer import Handler
from tests.unit.functions import account
from tests.unit.functions.account import dead_lettered, rows
from tests.unit.functions.builders import CAUSE, Context, a_batch, a_delivery, an_event
from tests.unit.functions.order_paths import PATHS

pytestmark = pytest.mark.usefixtures("aws")

CONSUMERS = ("orders", "inventory", "payments", "shipping", "fraud", "notifications")
RUNS = 12
"""Minimum for each consumer and path; there are more if there are more permutations."""
OTHER_CONDITIONS = {"declined", "out of stock"}
"""Paths that differ in the card or the stock, not only in the events."""
ROUNDS = 8
"""Deliveries before a message is dead-lettered; no message may need all of them."""

Step = Callable[[], bool]
"""An action; False if it must be repeated later."""


def reactions(consumer: str) -> Any:
    return importlib.import_module(f"functions.{consumer}.handler")


def facts_of(way: str, number: int) -> list[OrderFact]:
    """Return the facts of this path, for an order and a customer of their own."""
    facts = []
    for fact in PATHS[way]:
        changes: dict[str, Any] = {"order_id": order(number)}
        if isinstance(fact, OrderCreated):
            customer = msgspec.structs.replace(fact.customer, id=f"c{number}", email=f"c{number}@example.com")
            changes |= {"customer": customer}
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


def checkout(created: OrderCreated) -> bool:
    create(created, cause=CAUSE)
    return True


def requested_cancellation(cancelled: OrderCancelled) -> bool:
    try:
        cancel(cancelled.order_id, cancelled.reason, cause=CAUSE)
    except UnknownOrderError:
        return False
    return True


def steps_of(consumer: str, facts: Sequence[OrderFact]) -> list[tuple[str, str | Step]]:
    """Return the consumer's events; for orders also the requests of customers and the schedule."""
    known = reactions(consumer).REACTIONS
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


def is_possible(way: str, names: Sequence[str]) -> bool:
    """Return whether this sequence can occur: a suspicion is too late only for a confirmed order."""
    if way != "shipped, suspected too late" or "PaymentProcessed" not in names:
        return True
    first = [names.index(name) for name in ("create", "PaymentProcessed", "FraudSuspected")]
    return first == sorted(first)


def sequences(consumer: str, way: str) -> Iterator[tuple[int, list[OrderFact], list[str | Step]]]:
    """Yield every permutation with random duplicates; the first is in causal order, without duplicates."""
    count = len(steps_of(consumer, facts_of(way, 0)))
    permutations = list(itertools.permutations(range(count)))
    for number in range(max(RUNS, len(permutations))):
        facts, chance = facts_of(way, number), Random(number)
        steps = steps_of(consumer, facts)
        chosen = list(permutations[number % len(permutations)])
        for again in chance.choices(chosen, k=chance.randint(0, 4)) if number else ():
            chosen.insert(chance.randint(0, len(chosen)), again)
        if is_possible(way, [steps[index][0] for index in chosen]):
            yield number, facts, [steps[index][1] for index in chosen]


def drain(handle: Handler, steps: list[str | Step], chance: Random) -> None:
    """Deliver everything in random batches; repeat what failed after all others."""
    for _ in range(ROUNDS):
        waiting: list[str | Step] = []
        while steps:
            if callable(steps[0]):
                step = steps.pop(0)
                waiting += [] if callable(step) and step() else [step]
                continue
            messages = itertools.takewhile(lambda step: isinstance(step, str), steps)
            batch = list(itertools.islice(messages, chance.randint(1, 3)))
            del steps[: len(batch)]
            response = handle(a_batch(*(str(body) for body in batch)), Context())
            failed = {failure["itemIdentifier"] for failure in response["batchItemFailures"]}
            waiting += [body for place, body in enumerate(batch) if f"message-{place}" in failed]
        if not waiting:
            return
        steps = waiting
    raise AssertionError(f"{len(steps)} still wait")


def rows_of(variable: str, number: int) -> list[dict[str, str]]:
    """Return the rows of the order and its customer, without values derived from the clock or the id."""
    return [
        {
            name: str(value).replace(order(number), "ORDER").replace(f"c{number}", "CUSTOMER")
            for name, value in row.items()
            if name not in {"expires_at", "tracking_number"}
        }
        for row in rows(variable)
        if row.get("order_id") == order(number) or row.get("customer_id") == f"c{number}"
    ]


def money(number: int) -> int:
    """Return the amount that the gateway holds for the order."""
    held = 0
    for row in rows("GATEWAY_TABLE"):
        kind, _, of = row["idempotency_key"].partition(":")
        outcome = json.loads(row["outcome"])
        if of == order(number) and outcome.get("captured", True):
            held += outcome["amount"]["amount"] * (1 if kind == "charge" else -1)
    return held


def seen(consumer: str, number: int) -> object:
    """Return the visible result of the consumer."""
    match consumer:
        case "orders":
            row = next(row for row in rows("ORDERS_TABLE") if row["order_id"] == order(number))
            return row["status"], "open_in" in row
        case "inventory":
            return account.available_stock()
        case "payments":
            return money(number)
        case "shipping":
            return rows_of("SHIPMENTS_TABLE", number)
        case "fraud":
            return rows_of("JUDGEMENTS_TABLE", number), rows_of("CUSTOMERS_TABLE", number)
    mails = [mail for mail in account.emails() if mail.to == [f"c{number}@example.com"]]
    return Counter((mail.subject.replace(order(number), "ORDER"), mail.body) for mail in mails)


def cases() -> list[tuple[str, str]]:
    """Return each consumer with each path that has other events than the paths before it."""
    different: dict[object, tuple[str, str]] = {}
    for consumer, way in itertools.product(CONSUMERS, PATHS):
        names = [name for name, _ in steps_of(consumer, facts_of(way, 0))]
        different.setdefault((consumer, *names, way in OTHER_CONDITIONS), (consumer, way))
    return list(different.values())


@pytest.mark.parametrize(("consumer", "way"), cases())
def test_every_permutation_with_duplicates_has_same_result(consumer: str, way: str) -> None:
    handle, ends = reactions(consumer).handle, []
    for number, facts, steps in sequences(consumer, way):
        stock = 0 if way == "out of stock" else 10
        account.stock(TEAPOT=stock, CUP=stock)
        record_elsewhere(consumer, facts)
        drain(handle, steps, Random(number))
        ends.append(seen(consumer, number))
        own = [row for row in rows("EVENT_LOG_TABLE") if row["pk"] == f"{consumer}#{order(number)}"]
        assert len(own) <= sum(owner == consumer for owner, _ in DECISIONS)
    assert len(ends) > 1
    assert [end for end in ends if end != ends[0]] == []
    assert dead_lettered() == []


@pytest.mark.parametrize(
    ("consumer", "way", "end"),
    [
        ("orders", "shipped", ("shipped", False)),
        ("orders", "suspected when confirmed", ("cancelled", False)),
        ("inventory", "shipped", {"TEAPOT": 9, "CUP": 6}),
        ("inventory", "declined", {"TEAPOT": 10, "CUP": 10}),
        ("payments", "shipped", 5099),
        ("payments", "cancelled when confirmed", 0),
    ],
)
def test_result_is_the_one_expected(consumer: str, way: str, end: object) -> None:
    _, facts, steps = next(sequences(consumer, way))
    account.stock(TEAPOT=10, CUP=10)
    record_elsewhere(consumer, facts)
    drain(reactions(consumer).handle, steps, Random(0))
    assert seen(consumer, 0) == end
