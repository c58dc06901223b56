"""Every reaction has the same result when its message comes twice or late, or when one of its calls fails."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from moto.ses.models import ses_backends

from functions.shared.contracts.fact import Fact
from functions.shared.runtime import clients
from infrastructure.topology import SERVICES
from tests.now import NOW, frozen
from tests.unit.functions import account
from tests.unit.functions.aws_faults import (
    Crash,
    a_crash_publishes_no_metrics,
    dying_after,
    recorded_calls,
    throttled,
)
from tests.unit.functions.builders import (
    NO_FAILURES,
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    a_stock_replenished,
)
from tests.unit.functions.order_paths import PATHS
from tests.unit.functions.path_steps import (
    Step,
    facts_of,
    handler_of,
    record_elsewhere,
    steps_of,
)
from tests.unit.functions.payment_timeline import look_at

SOON, LATE = timedelta(minutes=5), timedelta(days=2)
"""After the in-progress record of a crashed function has expired; after everything else is done."""
MINUTES = 30
CLIENTS = (clients.dynamodb, clients.ses)
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\dZ+:]*|\b\d{10}(\d{3})?\b")
TRIES = re.compile(r", '(tries': '\d+|problem': '\w+)'")
"""How often the gateway was called for one charge, and why again; its key makes that one payment."""


@dataclass(frozen=True)
class Reaction:
    """A consumer's message, and what it has handled before."""

    consumer: str
    path: str
    before: tuple[tuple[str, str | Step], ...]
    fact: str
    body: str

    @property
    def name(self) -> str:
        """Return the id of its tests."""
        return " ".join((self.consumer, *(name for name, _ in self.before), self.fact))

    def prepare(self) -> None:
        """Open a new account in which everything before the message was handled."""
        account.deploy_tables()
        ses_backends[account.ACCOUNT][account.REGION].sent_messages.clear()
        quantity = 0 if self.path == "out of stock" else 10
        account.stock(TEAPOT=quantity, CUP=quantity)
        for sku, price in (("TEAPOT", 2499), ("CUP", 650)):
            account.price(sku, price)
        record_elsewhere(self.consumer, facts_of(self.path, 0) if self.path else [])
        for _, step in self.before:
            assert step() if callable(step) else deliver(self.consumer, step)

    def deliver(self, *, copies: int = 1) -> bool:
        """Deliver the message; return whether every copy was handled."""
        return deliver(self.consumer, *[self.body] * copies)


def deliver(consumer: str, *bodies: str) -> bool:
    return bool(handler_of(consumer).handle(a_batch(*bodies), Context()) == NO_FAILURES)


def reactions() -> Iterator[Reaction]:
    """Yield each reaction once for each history that its consumer can have."""
    inbound: dict[str, Fact] = {"orders": a_checkout_completed(), "inventory": a_stock_replenished()}
    for consumer, fact in inbound.items():
        yield Reaction(consumer, "", (), type(fact).__name__, a_delivery(fact))
    found: set[tuple[str, ...]] = set()
    for service in SERVICES:
        for path in PATHS:
            # The order is placed before anything else happens to it.
            steps = sorted(steps_of(service.name, facts_of(path, 0)), key=lambda step: step[0] != "create")
            for place, (name, step) in enumerate(steps):
                history = (
                    service.name,
                    *(each for each, _ in steps[: place + 1]),
                    str(path == "out of stock"),
                )
                if isinstance(step, str) and history not in found:
                    found.add(history)
                    yield Reaction(service.name, path, tuple(steps[:place]), name, step)


REACTIONS = list(reactions())
every_reaction = pytest.mark.parametrize("reaction", REACTIONS, ids=[each.name for each in REACTIONS])


@dataclass(frozen=True)
class State:
    """What an account holds in the end, without times and without the records of Powertools."""

    rows: list[str]
    emails: list[account.Mail]
    dead_lettered: list[account.Message]

    def is_same(self, other: "State") -> bool:
        """Return whether the rows are the same, and the emails but for copies (decision 0007)."""
        copies = [mail for mail in other.emails if mail not in self.emails]
        return replace(self, emails=[]) == replace(other, emails=copies) and len(other.emails) <= 2 * len(
            self.emails
        )


def state() -> State:
    rows = [
        TRIES.sub("", TIMES.sub("…", f"{name}: {row}"))
        for name, found in account.everything().items()
        for row in found
        if name != "IDEMPOTENCY_TABLE"
    ]
    return State(rows, account.emails(), account.dead_lettered())


@dataclass(frozen=True)
class Expected:
    """The result of one delivery, and the number of its calls by client."""

    state: State
    calls: Mapping[Callable[[], Any], int]


@cache
def expected_of(reaction: Reaction) -> Expected:
    with frozen(NOW), ExitStack() as stack:
        reaction.prepare()
        calls = {client: stack.enter_context(recorded_calls(client())) for client in CLIENTS}
        assert reaction.deliver()
        return Expected(state(), {client: len(made) for client, made in calls.items()})


def test_every_reaction_of_the_topology_is_listed() -> None:
    expected = {
        (service.name, fact.__name__) for service in SERVICES for fact in handler_of(service.name).REACTIONS
    }
    assert {(each.consumer, each.fact) for each in REACTIONS} == expected


@pytest.mark.usefixtures("aws")
@every_reaction
def test_result_is_the_same_when_delivered_again(reaction: Reaction) -> None:
    expected = expected_of(reaction)
    with frozen(NOW):
        reaction.prepare()
        assert reaction.deliver(copies=2)
        assert reaction.deliver()
    with frozen(NOW + LATE):
        assert reaction.deliver()
    assert state() == expected.state


@pytest.mark.usefixtures("aws")
@a_crash_publishes_no_metrics
@every_reaction
@pytest.mark.parametrize("fault", [dying_after, throttled], ids=["crash", "throttled"])
def test_result_is_the_same_when_any_call_fails(
    reaction: Reaction, fault: Callable[..., AbstractContextManager[None]]
) -> None:
    expected = expected_of(reaction)
    for client, count in expected.calls.items():
        for nth in range(count):
            with frozen(NOW):
                reaction.prepare()
                with suppress(Crash), fault(client(), nth=nth):
                    reaction.deliver()
            with frozen(NOW + SOON):
                assert reaction.deliver()
            if reaction.consumer == "payments":
                look_at(MINUTES)  # the schedule settles a payment whose outcome is unknown
            assert expected.state.is_same(state()), f"call {nth} of {client.__name__}"
