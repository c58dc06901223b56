"""Synthetic orders amid faults are free, count as no sale, and are shipped or fire an alarm."""

from collections.abc import Iterator

import pytest

from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.simulation.heartbeats import FIRED_LATER, HeartbeatRun, settings
from tests.simulation.mutants.mutant import Mutant
from tests.simulation.mutants.of_the_heartbeat import HEARTBEAT_MUTANTS
from tests.simulation.run import Outcome

SEEDS = (4, 12)
"""Many synthetic orders, and a replay; an alarm in the middle of them."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    with OfflineCloud.start(assembly=dev_with(tmp_path_factory, **settings())) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def runs(cloud: OfflineCloud) -> list[tuple[HeartbeatRun, Outcome]]:
    return [(run, run.outcome()) for run in (HeartbeatRun(cloud, seed) for seed in SEEDS)]


def test_invariants_hold_with_synthetic_orders_midway(runs: list[tuple[HeartbeatRun, Outcome]]) -> None:
    assert [outcome.violation for _, outcome in runs] == [None] * len(SEEDS)
    assert sum(len(run.synthetic) for run, _ in runs) > len(SEEDS)
    fired = sum(run.trace.reached[FIRED_LATER] for run, _ in runs)
    assert fired, "choose other SEEDS: python -m tests.simulation.heartbeats"


def test_same_seed_repeats_the_synthetic_orders(
    cloud: OfflineCloud, runs: list[tuple[HeartbeatRun, Outcome]]
) -> None:
    _, first = runs[0]
    assert HeartbeatRun(cloud, SEEDS[0]).outcome().digest == first.digest


@pytest.mark.parametrize("mutant", HEARTBEAT_MUTANTS, ids=[mutant.name for mutant in HEARTBEAT_MUTANTS])
def test_mutant_is_found_by_the_invariant_of_heartbeats(cloud: OfflineCloud, mutant: Mutant) -> None:
    with mutant.deployed(cloud):
        killed = mutant.killed_again_in(cloud)
    assert killed is not None
    assert str(killed.violation).startswith("I15 ")
