"""Two crashes on one way, all pairs of places there are: `make pairs`. Stopped, it goes on where it was."""

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
    """Some of the pairs of one way, from one number on."""

    way: str
    places: int
    start: int


@dataclass
class PairProgress:
    """What some stretches came to."""

    done: list[str] = field(default_factory=list)
    """Pairs, as `way, so many places: number`: of another version, with other places, none is done."""
    broken: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def take(self, other: "PairProgress") -> None:
        """Add what another stretch came to."""
        self.done += other.done
        self.broken |= other.broken
        self.seconds += other.seconds


def main() -> None:
    """Try all pairs of places on all ways; ends with 1 if any ends badly."""
    found = PairProgress(**kept(STATE))
    there = stretches_of(_counts())
    missing = missing_of(there, found)
    total, left = (sum(len(numbers_of(each)) for each in some) for some in (there, missing))
    for part in on_all_cores(tried, missing, what="pairs", done=total - left, total=total):
        found.take(part)
        keep(STATE, vars(found))
    typer.echo(
        f"{total} pairs on {len(PATHS)} ways, {len(found.broken)} broken; {found.seconds:.0f} CPU seconds"
    )
    for pair, violation in sorted(found.broken.items())[:20]:
        typer.echo(f"  {pair}: {violation[:300]}")
    raise typer.Exit(code=bool(found.broken))


def _counts() -> dict[str, int]:
    with OfflineCloud.start() as cloud:
        return {path.name: len(places(cloud, path)) for path in PATHS}


def stretches_of(counts: Mapping[str, int]) -> list[Stretch]:
    """All pairs of ways with so many places."""
    return [
        Stretch(way, count, start)
        for way, count in counts.items()
        for start in range(0, count * (count - 1) // 2, CHUNK)
    ]


def missing_of(stretches: Sequence[Stretch], found: PairProgress) -> list[Stretch]:
    """Those that were not tried yet."""
    done = frozenset(found.done)
    return [stretch for stretch in stretches if not done.issuperset(_names(stretch))]


def numbers_of(stretch: Stretch) -> range:
    """Which of the pairs of its way it holds."""
    end = min(stretch.start + CHUNK, stretch.places * (stretch.places - 1) // 2)
    return range(stretch.start, end)


def _names(stretch: Stretch) -> list[str]:
    return [f"{stretch.way}, {stretch.places} places: {number}" for number in numbers_of(stretch)]


def tried(cloud: OfflineCloud, stretch: Stretch) -> PairProgress:
    """What came of its pairs."""
    began = time.process_time()
    found = PairProgress(done=_names(stretch))
    path = next(path for path in PATHS if path.name == stretch.way)
    there = [Place(nth, after) for nth in range(1, stretch.places // 2 + 1) for after in (False, True)]
    numbers = numbers_of(stretch)
    for name, pair in zip(found.done, islice(pairs(there), numbers.start, numbers.stop), strict=True):
        if violation := walk(cloud, path, pair)[1]:
            found.broken[f"{name} {pair}"] = violation
    found.seconds = time.process_time() - began
    return found


if __name__ == "__main__":
    typer.run(main)
