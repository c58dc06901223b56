"""Each classic mistake is found within its budget of seeds: a simulator that finds none is decoration."""

import pytest

from offline import OfflineCloud
from tests.simulation.mutants.catalogue import MUTANTS
from tests.simulation.mutants.mutant import Mutant
from tests.simulation.run import Run


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_mutant_is_killed_within_its_budget(cloud: OfflineCloud, mutant: Mutant) -> None:
    with mutant.deployed(cloud):
        seeds = (seed for seed in range(mutant.budget) if Run(cloud, seed, thorough=True).outcome().complaint)
        assert next(seeds, None) is not None
