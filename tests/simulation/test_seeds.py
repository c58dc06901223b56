"""Whatever goes wrong, in whatever order: every order ends well, and every run can be repeated."""

import pytest

from offline import OfflineCloud
from tests.simulation.run import Run


@pytest.mark.parametrize("first", [0, 10])
def test_ten_seeds_break_no_invariant(cloud: OfflineCloud, first: int) -> None:
    broken = {}
    for seed in range(first, first + 10):
        outcome = Run(cloud, seed).outcome()
        if outcome.complaint:
            broken[seed] = outcome.complaint
    assert broken == {}


def test_the_same_seed_is_the_same_run(cloud: OfflineCloud) -> None:
    once, again = Run(cloud, 3).outcome(), Run(cloud, 3).outcome()
    assert once == again
    assert once.digest != Run(cloud, 4).outcome().digest
