"""Run one seed and print its steps: `python -m tests.simulation --seed 7`."""

import typer

from pocketcloud import OfflineCloud
from tests.simulation.run import Run
from tests.simulation.shrinking import Shrinking, report


def main(*, seed: int = 0, show: bool = False) -> None:
    """Run the seed; if it breaks an invariant, show the shortest run that still does."""
    with OfflineCloud.start() as cloud:
        outcome = Run(cloud, seed).outcome()
        if outcome.violation is None:
            typer.echo(f"seed {seed}: no invariant broken, trace {outcome.digest}")
        else:
            outcome = Shrinking(outcome, lambda script: Run(cloud, seed, script).outcome()).shrunk()
            typer.echo(report(outcome))
        if show:
            typer.echo("\n".join(map(str, outcome.steps)))
    raise typer.Exit(code=outcome.violation is not None)


if __name__ == "__main__":
    typer.run(main)
