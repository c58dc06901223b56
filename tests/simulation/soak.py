"""The long search over many seeds on all cores: `make soak SEEDS=10000 FIRST=0`. A stopped one resumes."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

from pocketcloud import OfflineCloud
from tests.simulation.cores import keep, kept, on_all_cores
from tests.simulation.coverage_goals import missed
from tests.simulation.run import Run

STATE = Path("build/soak")
CHUNK = 4


@dataclass
class SoakProgress:
    """The results of some seeds."""

    done: list[int] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    judged: int = 0
    faults: int = 0
    seconds: float = 0.0
    reached: Counter[str] = field(default_factory=Counter)

    def take(self, other: "SoakProgress") -> None:
        """Add the results of other seeds."""
        self.done += other.done
        self.broken |= other.broken
        self.calls += other.calls
        self.judged += other.judged
        self.faults += other.faults
        self.seconds += other.seconds
        self.reached += other.reached

    @classmethod
    def kept(cls, path: Path) -> "SoakProgress":
        """Return the results of an interrupted search; empty if there was none."""
        document = kept(path)
        return cls(**{**document, "reached": Counter(document["reached"])}) if document else cls()

    def keep(self, path: Path) -> None:
        """Write the results, atomically."""
        keep(path, vars(self))


def main(*, seeds: int = 10_000, first: int = 0) -> None:
    """Run the seeds from the first one on; exit with 1 only if one breaks an invariant.

    A state that no seed reached is reported and fails nothing: the fixed seeds of `make test` must
    reach every state, and any other seeds need not.
    """
    path = STATE / f"{first}-{seeds}.json"
    found = SoakProgress.kept(path)
    missing = sorted(set(range(first, first + seeds)) - set(found.done))
    began = time.monotonic()
    stretches = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]
    parts = on_all_cores(_stretch, stretches, what="seeds", done=len(found.done), total=seeds)
    for part in parts:
        found.take(part)
        found.keep(path)
    _print_results(found, time.monotonic() - began, len(missing))
    raise typer.Exit(code=bool(found.broken))


def _stretch(cloud: OfflineCloud, seeds: Sequence[int]) -> SoakProgress:
    found = SoakProgress()
    began = time.process_time()
    for seed in seeds:
        outcome = Run(cloud, seed).outcome()
        found.done.append(seed)
        found.calls += outcome.calls
        found.judged += outcome.judged
        found.faults += outcome.faults
        found.reached += outcome.reached
        if outcome.violation:
            found.broken[str(seed)] = outcome.violation
    found.seconds = time.process_time() - began
    return found


def _print_results(found: SoakProgress, elapsed: float, seeds: int) -> None:
    rate = seeds / elapsed if elapsed else 0.0
    typer.echo(
        f"{len(found.done)} seeds, {len(found.broken)} broken; {found.calls} AWS calls,"
        f" {found.faults} faults,"
        f" {found.judged} times judged; {rate:.2f} seeds a second now,"
        f" {len(found.done) / max(found.seconds, 0.001):.2f} a CPU second over all"
    )
    for seed, violation in sorted(found.broken.items(), key=lambda item: int(item[0]))[:20]:
        typer.echo(f"  seed {seed}: {violation[:300]}\n    again: python -m tests.simulation --seed {seed}")
    for name in missed(found.reached):
        typer.echo(f"  not reached: {name}")


if __name__ == "__main__":
    typer.run(main)
