"""The invariant and the first seed that find each mutant: `python -m tests.simulation.mutants`."""

import typer

from pocketcloud import OfflineCloud
from tests.simulation.mutants.catalogue import MUTANTS


def main() -> None:
    """Deploy each mutant in turn and run seeds until one of them breaks an invariant."""
    typer.echo("| mutant | found by | first seed |\n|---|---|---|")
    with OfflineCloud.start() as cloud:
        for mutant in MUTANTS:
            with mutant.deployed(cloud):
                killed = mutant.killed_in(cloud)
            if killed is None:
                typer.echo(f"| {mutant.name} | no invariant | none of {mutant.budget} |")
            else:
                invariant = str(killed.violation).split(" ")[0]
                typer.echo(f"| {mutant.name} | {invariant} | {killed.seed} |")


if __name__ == "__main__":
    typer.run(main)
