"""Crash twice on each path, at every pair of places: `make pairs`. A stopped search resumes."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import typer

from pocketcloud import OfflineCloud
from tests.simulation.cores import keep, kept, on_all_cores
from tests.simulation.crashes import Place, pairs, places, walk
from tests.simulation.paths import PATHS

STATE = Path("build/pairs.json")
CHUNK = 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive pairs of one path, from the number `start`."""

    path: str
    places: tuple[Place, ...]
    start: int


@dataclass
class PairProgress:
    """The results of some stretches."""

    done: list[str] = field(default_factory=list)
    """Pairs, as `path, number of places: number`. A path whose calls changed has none."""
    broken: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def take(self, other: "PairProgress") -> None:
        """Add the results of another stretch."""
        self.done += other.done
        self.broken |= other.broken
        self.seconds += other.seconds


def main() -> None:
    """Try all pairs of places on all paths; exit with 1 if one breaks an invariant."""
    found = PairProgress(**kept(STATE))
    there = stretches_of(_places())
    missing = missing_of(there, found)
    total, left = (sum(len(numbers_of(each)) for each in some) for some in (there, missing))
    for part in on_all_cores(tried, missing, what="pairs", done=total - left, total=total):
        found.take(part)
        keep(STATE, vars(found))
    typer.echo(
        f"{total} pairs on {len(PATHS)} paths, {len(found.broken)} broken; {found.seconds:.0f} CPU seconds"
    )
    for pair, violation in sorted(found.broken.items())[:20]:
        typer.echo(f"  {pair}: {violation[:300]}")
    raise typer.Exit(code=bool(found.broken))


def _places() -> dict[str, list[Place]]:
    with OfflineCloud.start() as cloud:
        return {path.name: places(cloud, path) for path in PATHS}


def stretches_of(places_by_path: Mapping[str, Sequence[Place]]) -> list[Stretch]:
    """Divide all pairs of each path's places into stretches."""
    return [
        Stretch(path, tuple(found), start)
        for path, found in places_by_path.items()
        for start in range(0, _count(found), CHUNK)
    ]


def _count(found: Sequence[Place]) -> int:
    return len(found) * (len(found) - 1) // 2


def missing_of(stretches: Sequence[Stretch], found: PairProgress) -> list[Stretch]:
    """Return the stretches that were not tried yet."""
    done = frozenset(found.done)
    return [stretch for stretch in stretches if not done.issuperset(_names(stretch))]


def numbers_of(stretch: Stretch) -> range:
    """Return the numbers of a stretch's pairs, among all pairs of its path."""
    return range(stretch.start, min(stretch.start + CHUNK, _count(stretch.places)))


def _names(stretch: Stretch) -> list[str]:
    return [f"{stretch.path}, {len(stretch.places)} places: {number}" for number in numbers_of(stretch)]


def tried(cloud: OfflineCloud, stretch: Stretch) -> PairProgress:
    """Try the pairs of a stretch."""
    began = time.process_time()
    found = PairProgress(done=_names(stretch))
    path = next(path for path in PATHS if path.name == stretch.path)
    numbers = numbers_of(stretch)
    for name, pair in zip(
        found.done, islice(pairs(stretch.places), numbers.start, numbers.stop), strict=True
    ):
        if violation := walk(cloud, path, pair)[1]:
            found.broken[f"{name} {pair}"] = violation
    found.seconds = time.process_time() - began
    return found


if __name__ == "__main__":
    typer.run(main)
