"""The long search for pairs of crashes tries each pair once, and goes on where it was."""

from pathlib import Path

from pocketcloud import OfflineCloud
from tests.simulation.cores import keep, kept
from tests.simulation.crashes import pairs, places
from tests.simulation.pairs import PairProgress, Stretch, missing_of, numbers_of, stretches_of, tried
from tests.simulation.paths import PATHS

PLACES = 13


def test_stretches_contain_each_pair_once() -> None:
    stretches = stretches_of({"shipped": PLACES, "free": 2})
    numbers = [(stretch.way, number) for stretch in stretches for number in numbers_of(stretch)]
    assert numbers == [*(("shipped", number) for number in range(PLACES * (PLACES - 1) // 2)), ("free", 0)]


def test_pair_is_retried_only_when_the_calls_change(tmp_path: Path) -> None:
    stretches = stretches_of({"shipped": PLACES})
    first, *others = stretches
    found = PairProgress()
    found.take(
        PairProgress(done=[f"shipped, {PLACES} places: {number}" for number in numbers_of(first)], seconds=2)
    )
    keep(tmp_path / "pairs.json", vars(found))
    again = PairProgress(**kept(tmp_path / "pairs.json"))
    assert again == found
    assert missing_of(stretches, again) == others
    assert missing_of(stretches_of({"shipped": PLACES + 2}), again) == stretches_of({"shipped": PLACES + 2})


def test_stretch_runs_its_pairs(cloud: OfflineCloud) -> None:
    there = places(cloud, PATHS[0])
    count = len(there) * (len(there) - 1) // 2
    assert len(list(pairs(there))) == count
    found = tried(cloud, Stretch(PATHS[0].name, len(there), count - 1))
    assert (len(found.done), found.broken) == (1, {})
