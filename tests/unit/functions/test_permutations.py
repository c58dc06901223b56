"""A consumer's result does not depend on the sequence, the repetition or the batches of its events.

Exhaustive: every permutation of the events of each path, with duplicates drawn from a seed. The test compares
visible results: stock, money, emails, parcels and status. Recorded facts may differ, because a tombstone
replaces an action that never happened.
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from functions.contracts.order_fact import OrderFact
from functions.contracts.registry import DECISIONS
from functions.shared.runtime.consumer import Handler
from tests.unit.functions import account
from tests.unit.functions.account import dead_lettered, rows
from tests.unit.functions.builders import Context, a_batch
from tests.unit.functions.order_paths import PATHS
from tests.unit.functions.path_steps import (
    OTHER_CONDITIONS,
    Step,
    facts_of,
    handler_of,
    order,
    record_elsewhere,
    steps_of,
)

pytestmark = [pytest.mark.usefixtures("aws"), pytest.mark.exhaustive]

CONSUMERS = ("orders", "inventory", "payments", "shipping", "fraud", "notifications")
RUNS = 12
"""Minimum for each consumer and path; there are more if there are more permutations."""
ROUNDS = 8
"""Deliveries before a message is dead-lettered; no message may need all of them."""


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
            return account.order_statuses()[order(number)]
        case "inventory":
            return account.available_stock()
        case "payments":
            return money(number)
        case "shipping":
            return sum(row["pk"] == f"shipping#{order(number)}" for row in rows("EVENT_LOG_TABLE"))
        case "fraud":
            return rows_of("CUSTOMERS_TABLE", number)
    mails = [mail for mail in account.emails() if mail.to == [f"c{number}@example.com"]]
    return Counter((mail.subject.replace(order(number), "ORDER"), mail.body) for mail in mails)


def cases() -> list[tuple[str, str]]:
    """Return each consumer with each path that has other events than the paths before it."""
    different: dict[object, tuple[str, str]] = {}
    for consumer, way in itertools.product(CONSUMERS, PATHS):
        names = [name for name, _ in steps_of(consumer, facts_of(way, 0))]
        if names:
            key = (consumer, *names, way in OTHER_CONDITIONS)
            different.setdefault(key, (consumer, way))
    return list(different.values())


@pytest.mark.parametrize(("consumer", "way"), cases())
def test_every_permutation_with_duplicates_has_same_result(consumer: str, way: str) -> None:
    handle, ends = handler_of(consumer).handle, []
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
        ("orders", "shipped", "shipped"),
        ("orders", "suspected when confirmed", "cancelled"),
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
    drain(handler_of(consumer).handle, steps, Random(0))
    assert seen(consumer, 0) == end
