"""Find the fewest seeds that reach every state twice: `python -m tests.simulation.fewest_seeds --seeds 200`.

`SEEDS` of test_seeds.py are these; choose them again when the simulation changes.
"""

from collections import Counter
from collections.abc import Sequence

import typer

from pocketcloud import OfflineCloud
from tests.simulation.coverage_goals import GOALS, missed
from tests.simulation.mutants.catalogue import MUTANTS
from tests.simulation.run import Outcome, Run

TIMES = 2
"""Seeds per state: a single one may no longer reach it after a change of the code."""


def main(*, seeds: int = 200) -> None:
    """Run the seeds, print the chosen ones, and the states that none reached."""
    with OfflineCloud.start() as cloud:
        outcomes = [Run(cloud, seed).outcome() for seed in range(seeds)]
    found = {mutant.found_by_seed for mutant in MUTANTS}
    typer.echo(", ".join(map(str, sorted(found | {each.seed for each in fewest(outcomes)}))))
    for state in missed(sum((each.reached for each in outcomes), Counter())):
        typer.echo(f"not reached: {state}")


def fewest(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Choose greedily the run that reaches the most states that are still missing."""
    left, chosen = list(outcomes), list[Outcome]()
    missing = Counter({state: min(TIMES, sum(state in each.reached for each in outcomes)) for state in GOALS})
    while +missing:
        best = max(left, key=lambda each: len(missing.keys() & each.reached.keys()))
        left.remove(best)
        chosen.append(best)
        missing = +(missing - Counter(dict.fromkeys(best.reached, 1)))
    return chosen


if __name__ == "__main__":
    typer.run(main)
