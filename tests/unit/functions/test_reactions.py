"""Every reaction has the same result when its message comes twice or late, or when one of its calls fails."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta

import pytest

from functions.shared.runtime.clients import dynamodb, ses
from infrastructure.topology import SERVICES
from tests.now import NOW, frozen
from tests.unit.functions.aws_faults import (
    Crash,
    a_crash_publishes_no_metrics,
    dying_after,
    in_conflict,
    throttled,
)
from tests.unit.functions.path_steps import handler_of
from tests.unit.functions.payment_timeline import look_at
from tests.unit.functions.reactions import Reaction, State, expected_of, reactions

pytestmark = pytest.mark.usefixtures("aws")

SOON, LATE = timedelta(minutes=5), timedelta(days=2)
"""When a crashed function is retried; after everything else is done."""
SETTLED_MINUTES = 30
"""When the schedule has settled a payment whose outcome was unknown."""
REACTIONS = list(reactions())
every_reaction = pytest.mark.parametrize("reaction", REACTIONS, ids=str)


def test_every_reaction_of_the_topology_is_listed() -> None:
    known = {
        (service.name, fact.__name__) for service in SERVICES for fact in handler_of(service.name).REACTIONS
    }
    assert {(reaction.consumer, reaction.fact) for reaction in REACTIONS} == known


@every_reaction
def test_result_is_the_same_when_delivered_again(reaction: Reaction) -> None:
    with frozen(NOW):
        reaction.prepare()
        assert reaction.deliver(copies=2)
        assert reaction.deliver()
    with frozen(NOW + LATE):
        assert reaction.deliver()
    assert State.now() == expected_of(reaction).state


@a_crash_publishes_no_metrics
@pytest.mark.exhaustive
@every_reaction
@pytest.mark.parametrize("fault", [dying_after, throttled], ids=["crash", "throttled"])
def test_result_is_the_same_when_any_call_fails(
    reaction: Reaction, fault: Callable[..., AbstractContextManager[None]]
) -> None:
    expected = expected_of(reaction)
    for nth in range(len(expected.calls[dynamodb])):
        finish(reaction, fault(dynamodb(), nth=nth))
        assert State.now() in (expected.state, expected.state.with_copies()), f"call {nth}"
    for nth in range(len(expected.calls[ses])):
        finish(reaction, fault(ses(), nth=nth))
        is_sent = fault is dying_after
        assert State.now() == (expected.state.with_copies() if is_sent else expected.state)


@pytest.mark.parametrize("consumer", [service.name for service in SERVICES])
def test_result_is_the_same_when_transactions_conflict(consumer: str) -> None:
    for reaction in REACTIONS:
        if reaction.consumer == consumer and "TransactWriteItems" in expected_of(reaction).calls[dynamodb]:
            finish(reaction, in_conflict(dynamodb(), times=20))
            assert State.now() == expected_of(reaction).state, reaction


def finish(reaction: Reaction, fault: AbstractContextManager[None]) -> None:
    """Deliver the message with the fault, and again if it asks for that."""
    handled = False
    with frozen(NOW):
        reaction.prepare()
        with suppress(Crash), fault:
            handled = reaction.deliver()
    if not handled:
        with frozen(NOW + SOON):
            assert reaction.deliver()
    if reaction.consumer == "payments":
        look_at(SETTLED_MINUTES)
