"""Every reaction of every consumer, with each history that the consumer can have before it."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from moto.ses.models import ses_backends

from functions.contracts.values import Money
from functions.shared.contracts.fact import Fact
from functions.shared.runtime import clients
from infrastructure.topology import SERVICES
from tests.now import NOW, frozen
from tests.unit.functions import account
from tests.unit.functions.aws_faults import recorded_calls
from tests.unit.functions.builders import (
    NO_FAILURES,
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    a_stock_replenished,
    an_inventory_reserved,
    an_order_created,
)
from tests.unit.functions.order_paths import PATHS
from tests.unit.functions.path_steps import (
    OTHER_CONDITIONS,
    Step,
    facts_of,
    handler_of,
    record_elsewhere,
    steps_of,
)

CLIENTS = (clients.dynamodb, clients.ses)
OFF_THE_PATHS: tuple[tuple[str, Fact], ...] = (
    ("orders", a_checkout_completed()),
    ("inventory", a_stock_replenished()),
    ("payments", an_inventory_reserved(total=Money(amount=0, currency="GBP"))),
    ("fraud", an_order_created(total=Money(amount=10**6, currency="GBP"))),
)
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\dZ+:]*|\b\d{10}(\d{3})?\b")
CHARGED = re.compile(r"'status': '(started|captured)'")
"""A captured attempt, whose row says so only if reconciliation closed it; the event log has the capture."""
TRIES = re.compile(r", '(tries': '\d+|problem': '\w+)'")
"""The number of tries of a charge, and the last problem; its key makes all tries one payment."""


@dataclass(frozen=True)
class Reaction:
    """A message to a consumer, and the messages that it has handled before."""

    consumer: str
    path: str
    before: tuple[tuple[str, str | Step], ...]
    fact: str
    body: str

    def __str__(self) -> str:
        return " ".join((self.consumer, *(name for name, _ in self.before), self.fact))

    def prepare(self) -> None:
        """Open a new account in which everything before the message was handled."""
        account.deploy_tables()
        ses_backends[account.ACCOUNT][account.REGION].sent_messages.clear()
        quantity = 0 if self.path == "out of stock" else 10
        account.stock(TEAPOT=quantity, CUP=quantity)
        account.price("TEAPOT", 2499)
        account.price("CUP", 650)
        record_elsewhere(self.consumer, facts_of(self.path, 0) if self.path else [])
        for _, step in self.before:
            assert step() if callable(step) else self._deliver(step)

    def deliver(self, *, copies: int = 1) -> bool:
        """Deliver the message in one batch; return whether every copy was handled."""
        return self._deliver(*[self.body] * copies)

    def _deliver(self, *bodies: str) -> bool:
        return bool(handler_of(self.consumer).handle(a_batch(*bodies), Context()) == NO_FAILURES)


def reactions() -> Iterator[Reaction]:
    """Yield each reaction once for each history."""
    for consumer, fact in OFF_THE_PATHS:
        yield Reaction(consumer, "", (), type(fact).__name__, a_delivery(fact))
    found: set[tuple[object, ...]] = set()
    for service in SERVICES:
        for path in PATHS:
            # An order is placed before anything else happens to it.
            steps = sorted(steps_of(service.name, facts_of(path, 0)), key=lambda step: step[0] != "create")
            for place, (name, step) in enumerate(steps):
                reaction = Reaction(service.name, path, tuple(steps[:place]), name, str(step))
                history = (str(reaction), path if path in OTHER_CONDITIONS else "")
                if isinstance(step, str) and history not in found:
                    found.add(history)
                    yield reaction


@dataclass(frozen=True)
class State:
    """The contents of an account, without times."""

    rows: list[str]
    emails: list[account.Mail]
    dead_lettered: list[account.Message]

    @classmethod
    def now(cls) -> "State":
        """Return the present state."""
        rows = [
            CHARGED.sub("charged", TRIES.sub("", TIMES.sub("…", f"{name}: {row}")))
            for name, found in account.everything().items()
            for row in found
        ]
        return cls(rows, account.emails(), account.dead_lettered())

    def with_copies(self) -> "State":
        """Return the state in which the last email came twice, as it may after a crash (decision 0007)."""
        return replace(self, emails=[*self.emails, *self.emails[-1:]])


@dataclass(frozen=True)
class Expected:
    """The result of one delivery, and its calls by client."""

    state: State
    calls: Mapping[Callable[[], Any], list[str]]


@cache
def expected_of(reaction: Reaction) -> Expected:
    """Deliver the message once, without a fault."""
    calls: dict[Callable[[], Any], list[str]]
    with frozen(NOW), ExitStack() as stack:
        reaction.prepare()
        calls = {client: stack.enter_context(recorded_calls(client())) for client in CLIENTS}
        assert reaction.deliver()
    return Expected(State.now(), calls)
