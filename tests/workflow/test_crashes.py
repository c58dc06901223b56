"""Killed after any call to AWS or to the gateway, an order still ends well: one charge, no dead letter.

The happy path's calls are listed first; then the path is walked once for each of them, the function that
makes it is killed right after it, and what it was working on comes again: promptly, or when all else is done.
"""

from datetime import timedelta

import pytest

from tests.workflow.judge import SHIPPED, complaints
from tests.workflow.shop import Shop, an_order
from tests.workflow.troubles import CrashAfter, PartialFailure, trouble

PROMPT = timedelta(seconds=10)
"""Soon, yet not so often that a message is used up before Powertools' in-progress record (30 s) expires."""
LATE = timedelta(minutes=10)
"""When all else is done, and before the order is given up."""


def walk(shop: Shop, nth: int, retry_after: timedelta) -> tuple[CrashAfter, str]:
    """An order, with a crash after the n-th call; a client that got no answer asks again."""
    shop.cloud.retry_after = retry_after
    crash = CrashAfter(nth)
    with trouble(shop.cloud, crash):
        reply = shop.post(an_order())
        if retry_after is LATE:
            shop.cloud.settle()
        if reply.status != 202:
            reply = shop.post(an_order())
        shop.cloud.settle()
    return crash, str(reply.json()["order_id"])


def calls_of_the_happy_path(shop: Shop) -> list[str]:
    return walk(shop, nth=0, retry_after=PROMPT)[0].made


def fresh(shop: Shop) -> Shop:
    shop.cloud.reset()
    shop.open()
    return shop


def wrong_with(shop: Shop, crash: CrashAfter, order_id: str) -> list[str]:
    """What is not as it should be after a crash; a letter may come twice where decision 0007 says so."""
    found = complaints(shop)
    if shop.facts(order_id) != SHIPPED:
        found.append(f"the facts are {shop.facts(order_id)}")
    allowed = 4 if crash.where == "notifications sesv2.SendEmail" else 3
    if len(shop.letters()) != allowed:
        found.append(f"{len(shop.letters())} letters instead of {allowed}")
    return found


def test_the_happy_path_makes_the_calls_that_the_crash_tests_kill(shop: Shop) -> None:
    made = calls_of_the_happy_path(shop)
    assert len(made) > 20
    assert "payments dynamodb.PutItem" in made
    assert "notifications sesv2.SendEmail" in made
    assert made.count("relay events.PutEvents") == 5


@pytest.mark.parametrize("retry_after", [PROMPT, LATE], ids=["prompt", "late"])
def test_a_crash_after_any_call_ends_well(shop: Shop, retry_after: timedelta) -> None:
    made = calls_of_the_happy_path(shop)
    spoilt = {}
    for nth in range(1, len(made) + 1):
        crash, order_id = walk(fresh(shop), nth, retry_after)
        assert crash.where != "nowhere"
        if wrong := wrong_with(shop, crash, order_id):
            spoilt[f"{nth}: {crash.where}"] = wrong
    assert spoilt == {}


@pytest.mark.parametrize("nth", range(1, 6))
def test_a_partial_failure_of_any_publish_loses_nothing(shop: Shop, nth: int) -> None:
    failure = PartialFailure(nth)
    with trouble(shop.cloud, failure):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    assert failure.publishes > nth
    assert shop.facts(order_id) == SHIPPED
    assert complaints(shop) == []
