"""The simulation finds each classic mistake within its budget of seeds."""

import pytest

from pocketcloud import OfflineCloud
from tests.simulation.mutants.catalogue import MUTANTS
from tests.simulation.mutants.mutant import Edit, Mutant, StaleMutantError
from tests.simulation.run import Outcome, Run
from tests.simulation.shrinking import Shrinking, report


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_mutant_is_killed_within_its_budget(cloud: OfflineCloud, mutant: Mutant) -> None:
    with mutant.deployed(cloud):
        assert mutant.killed_again_in(cloud) is not None


def test_report_shows_the_shortest_failing_run(cloud: OfflineCloud) -> None:
    (mutant,) = [mutant for mutant in MUTANTS if mutant.name == "stock is released without a condition"]
    with mutant.deployed(cloud):
        killed = mutant.killed_again_in(cloud)
        assert killed is not None
        shortest = Shrinking(
            killed, lambda script: Run(cloud, killed.seed, script).outcome(), maximum_runs=12
        ).shrunk()
    assert shortest.violation is not None
    assert shortest.violation.partition(" ")[0] == str(killed.violation).partition(" ")[0]
    assert shortest.faults < killed.faults
    printed = report(shortest)
    assert "sequenceDiagram" in printed
    assert f"python -m tests.simulation --seed {killed.seed}" in printed


def test_stale_mutant_is_named(cloud: OfflineCloud) -> None:
    stale = Mutant("no such line", (Edit("functions/shared/runtime/consumer.py", "no such line", ""),))
    with pytest.raises(StaleMutantError, match="no such line"), stale.deployed(cloud):
        pass


def test_real_code_is_restored_after_a_mutant(cloud: OfflineCloud) -> None:
    (mutant,) = [mutant for mutant in MUTANTS if mutant.name == "poison messages are swallowed"]
    before: Outcome = Run(cloud, 0).outcome()
    with mutant.deployed(cloud):
        pass
    assert Run(cloud, 0).outcome().digest == before.digest
