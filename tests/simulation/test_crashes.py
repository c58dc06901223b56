"""An order ends correctly wherever a function crashes."""

from datetime import timedelta

import pytest

from pocketcloud import OfflineCloud
from tests.simulation.crashes import PROMPT, CrashesAt, calls_on, chosen, pairs, walk
from tests.simulation.paths import PATHS, Path, opened
from tests.workflow.call_faults import CrashAfter, PartialFailure, call_fault
from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import an_order

LATE = timedelta(minutes=10)
"""After everything else is done, and before the order times out."""
SAMPLE = 997
"""Try one of this many pairs of crashes, always the same ones; `make pairs` tries all."""
AGAIN = 4
"""Crash at one of this many calls that an earlier path makes too; `make pairs` crashes at all."""
FEWEST = 20


@pytest.fixture(scope="module")
def calls(cloud: OfflineCloud) -> dict[str, CrashesAt]:
    """The calls of each path."""
    return {path.name: calls_on(cloud, path) for path in PATHS}


@pytest.mark.parametrize("path", PATHS, ids=[path.name for path in PATHS])
def test_order_completes_after_a_crash_at_any_call(
    cloud: OfflineCloud, calls: dict[str, CrashesAt], path: Path
) -> None:
    assert len(calls[path.name].passed) > FEWEST
    found = chosen(calls, every=AGAIN)[path.name]
    corrupted = {place: wrong for place in found if (wrong := walk(cloud, path, (place,))[1])}
    assert corrupted == {}


@pytest.mark.parametrize("path", PATHS, ids=[path.name for path in PATHS])
def test_order_completes_after_two_crashes(
    cloud: OfflineCloud, calls: dict[str, CrashesAt], path: Path
) -> None:
    sample = list(pairs(calls[path.name].passed, every=SAMPLE))
    assert sample
    corrupted = {pair: wrong for pair in sample if (wrong := walk(cloud, path, pair)[1])}
    assert corrupted == {}


def test_late_duplicate_message_changes_nothing(cloud: OfflineCloud) -> None:
    """After each call of the happy path, once; only the message that was cut off is late."""
    made = walk(cloud, PATHS[0], ())[0].made
    corrupted = {}
    for nth in range(1, len(made) + 1, 3):
        shop = opened(cloud)
        cloud.retry_after = LATE
        with call_fault(cloud, CrashAfter(nth)):
            reply = shop.post(an_order())
            cloud.settle()
            order_id = reply.json()["order_id"] if reply.status == 202 else shop.place(an_order())
            cloud.settle()
        if wrong := violations(shop) or shop.facts(order_id) != SHIPPED:
            corrupted[made[nth - 1]] = wrong
    assert corrupted == {}


@pytest.mark.parametrize("nth", range(1, 6))
def test_partial_publish_failure_loses_nothing(cloud: OfflineCloud, nth: int) -> None:
    cloud.retry_after = PROMPT
    shop = opened(cloud)
    failure = PartialFailure(nth)
    with call_fault(cloud, failure):
        order_id = shop.place(an_order())
        cloud.settle()
    assert failure.publishes > nth
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []
