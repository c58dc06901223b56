"""An order's facts in any order, any number of times, in any batches: a consumer ends where it would anyway.

Exhaustive: every permutation of what a consumer hears on each way an order can go, each with duplicates of
its own from a seed. What is compared is what the world sees of the order: goods, money, letters, parcels and
how far it is. Which facts were stated may differ, as a tombstone stands for what was never done.
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
from functions.orders.calling_back import call_back
from functions.orders.intake import take_in
from functions.orders.store import UnknownOrderError
from functions.shared.contracts import codec
from functions.shared.runtime.consumer import Handler
from tests.unit.functions import account
from tests.unit.functions.account import parked, rows
from tests.unit.functions.builders import CAUSE, Context, a_batch, a_delivery, an_event
from tests.unit.functions.ways import WAYS

pytestmark = pytest.mark.usefixtures("aws")

CONSUMERS = ("orders", "inventory", "payments", "shipping", "fraud", "notifications")
RUNS = 12
"""At least so many for each consumer and way; more where there are more permutations."""
ENDINGS = {"declined", "out of stock"}
"""Ways on which the card or the shelf is another, and not just what is heard."""
ROUNDS = 8
"""After so many deliveries a message would have been parked; none may need them all."""

Step = Callable[[], bool]
"""Something that happens; False where it has to happen again later."""


def reactions(consumer: str) -> Any:
    return importlib.import_module(f"functions.{consumer}.handler")


def facts_of(way: str, number: int) -> list[OrderFact]:
    """What is stated on that way of the order of that number, which is a customer's only one."""
    told = []
    for fact in WAYS[way]:
        changes: dict[str, Any] = {"order_id": order(number)}
        if isinstance(fact, OrderCreated):
            customer = msgspec.structs.replace(fact.customer, id=f"c{number}", email=f"c{number}@example.com")
            changes |= {"customer": customer}
        elif "customer_id" in type(fact).__struct_fields__:
            changes |= {"customer_id": f"c{number}"}
        if way == "declined" and "payment_method" in type(fact).__struct_fields__:
            changes |= {"payment_method": "pm_card_chargeDeclined"}
        told.append(msgspec.structs.replace(fact, **changes))
    return told


def order(number: int) -> str:
    return str(uuid.UUID(int=number))


def happened_elsewhere(consumer: str, facts: Sequence[OrderFact]) -> None:
    """Others' facts stand in the log before anybody hears of them."""
    for fact in facts:
        if fact.owner != consumer:
            key = {"pk": {"S": f"{fact.owner}#{fact.order_id}"}, "sk": {"S": fact.decision}}
            account.put("EVENT_LOG_TABLE", **key, event={"S": codec.write(an_event(fact))})


def creation(created: OrderCreated) -> bool:
    take_in(created, cause=CAUSE)
    return True


def calling_back(cancelled: OrderCancelled) -> bool:
    try:
        call_back(cancelled.order_id, cancelled.reason, cause=CAUSE)
    except UnknownOrderError:
        return False
    return True


def steps_of(consumer: str, facts: Sequence[OrderFact]) -> list[tuple[str, str | Step]]:
    """What the consumer hears; and where it is orders itself, what its customers and its clock do to it."""
    known = reactions(consumer).REACTIONS
    heard: list[tuple[str, str | Step]] = [
        (type(fact).__name__, a_delivery(fact)) for fact in facts if type(fact) in known
    ]
    if consumer == "orders":
        for fact in facts:
            if isinstance(fact, OrderCreated):
                heard.append(("take in", partial(creation, fact)))
            elif isinstance(fact, OrderCancelled) and fact.reason in {"customer_request", "timed_out"}:
                heard.append(("call back", partial(calling_back, fact)))
    return heard


def possible(way: str, names: Sequence[str]) -> bool:
    """Whether the world can bring them in that order: it is too late only for what is confirmed."""
    if way != "shipped, suspected too late" or "PaymentProcessed" not in names:
        return True
    first = [names.index(name) for name in ("take in", "PaymentProcessed", "FraudSuspected")]
    return first == sorted(first)


def sequences(consumer: str, way: str) -> Iterator[tuple[int, list[OrderFact], list[str | Step]]]:
    """Every permutation, each some times with other duplicates; the very first comes as it was caused."""
    count = len(steps_of(consumer, facts_of(way, 0)))
    permutations = list(itertools.permutations(range(count)))
    for number in range(max(RUNS, len(permutations))):
        facts, chance = facts_of(way, number), Random(number)  # noqa: S311 - a seed, no secret
        steps = steps_of(consumer, facts)
        chosen = list(permutations[number % len(permutations)])
        for again in chance.choices(chosen, k=chance.randint(0, 4)) if number else ():
            chosen.insert(chance.randint(0, len(chosen)), again)
        if possible(way, [steps[index][0] for index in chosen]):
            yield number, facts, [steps[index][1] for index in chosen]


def drain(handle: Handler, steps: list[str | Step], chance: Random) -> None:
    """Let it all happen, in batches of chance; what has to wait comes again behind all others."""
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
            answer = handle(a_batch(*(str(body) for body in batch)), Context())
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            waiting += [body for place, body in enumerate(batch) if f"message-{place}" in failed]
        if not waiting:
            return
        steps = waiting
    raise AssertionError(f"{len(steps)} still wait")


def rows_of(variable: str, number: int) -> list[dict[str, str]]:
    """The order's and its customer's rows, less what is made of the clock or of the order's id."""
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
    """What the gateway holds of the customer's."""
    held = 0
    for row in rows("GATEWAY_TABLE"):
        kind, _, of = row["idempotency_key"].partition(":")
        answer = json.loads(row["answer"])
        if of == order(number) and answer.get("captured", True):
            held += answer["amount"]["amount"] * (1 if kind == "charge" else -1)
    return held


def seen(consumer: str, number: int) -> object:
    """What the world sees of the order, as far as it is the consumer's to show."""
    match consumer:
        case "orders":
            row = next(row for row in rows("ORDERS_TABLE") if row["order_id"] == order(number))
            return row["status"], "open_in" in row
        case "inventory":
            return account.on_the_shelf()
        case "payments":
            return money(number)
        case "shipping":
            return rows_of("SHIPMENTS_TABLE", number)
        case "fraud":
            return rows_of("JUDGEMENTS_TABLE", number), rows_of("CUSTOMERS_TABLE", number)
    mails = [mail for mail in account.letters() if mail.to == [f"c{number}@example.com"]]
    return Counter((mail.subject.replace(order(number), "ORDER"), mail.body) for mail in mails)


def hearings() -> list[tuple[str, str]]:
    """Each consumer with each way on which it hears something else than on those before."""
    different: dict[object, tuple[str, str]] = {}
    for consumer, way in itertools.product(CONSUMERS, WAYS):
        names = [name for name, _ in steps_of(consumer, facts_of(way, 0))]
        different.setdefault((consumer, *names, way in ENDINGS), (consumer, way))
    return list(different.values())


@pytest.mark.parametrize(("consumer", "way"), hearings())
def test_every_permutation_with_duplicates_ends_the_same(consumer: str, way: str) -> None:
    handle, ends = reactions(consumer).handle, []
    for number, facts, steps in sequences(consumer, way):
        shelf = 0 if way == "out of stock" else 10
        account.stock(TEAPOT=shelf, CUP=shelf)
        happened_elsewhere(consumer, facts)
        drain(handle, steps, Random(number))  # noqa: S311 - as above
        ends.append(seen(consumer, number))
        own = [row for row in rows("EVENT_LOG_TABLE") if row["pk"] == f"{consumer}#{order(number)}"]
        assert len(own) <= sum(owner == consumer for owner, _ in DECISIONS)
    assert len(ends) > 1
    assert [end for end in ends if end != ends[0]] == []
    assert parked() == []


@pytest.mark.parametrize(
    ("consumer", "way", "end"),
    [
        ("orders", "shipped", ("shipped", False)),
        ("orders", "suspected when confirmed", ("cancelled", False)),
        ("inventory", "shipped", {"TEAPOT": 9, "CUP": 6}),
        ("inventory", "declined", {"TEAPOT": 10, "CUP": 10}),
        ("payments", "shipped", 5099),
        ("payments", "called back when confirmed", 0),
    ],
)
def test_the_end_is_the_one_that_the_way_leads_to(consumer: str, way: str, end: object) -> None:
    _, facts, steps = next(sequences(consumer, way))
    account.stock(TEAPOT=10, CUP=10)
    happened_elsewhere(consumer, facts)
    drain(reactions(consumer).handle, steps, Random(0))  # noqa: S311 - as above
    assert seen(consumer, 0) == end
