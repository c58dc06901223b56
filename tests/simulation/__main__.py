"""Run seeds by hand: `python -m tests.simulation --seed 7`."""

import typer

from offline import OfflineCloud
from tests.simulation.run import Run


def main(*, seed: int = 0, seeds: int = 1, show: bool = False) -> None:
    """Run that many seeds from the first one on, and say what is wrong with each."""
    with OfflineCloud.start() as cloud:
        for number in range(seed, seed + seeds):
            outcome = Run(cloud, number).outcome()
            typer.echo(f"{number}: {outcome.complaint or 'fine'} {outcome.digest}")
            if show:
                typer.echo("\n".join(map(str, outcome.steps)))


if __name__ == "__main__":
    typer.run(main)
