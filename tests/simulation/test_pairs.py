"""The search over pairs of crashes tries each pair once, and resumes after a stop."""

from pathlib import Path

from pocketcloud import OfflineCloud
from tests.simulation.cores import keep, kept
from tests.simulation.crashes import Place, pairs, places
from tests.simulation.pairs import PairProgress, Stretch, missing_of, numbers_of, stretches_of, tried
from tests.simulation.paths import PATHS

PLACES = [Place(nth, after=True) for nth in range(13)]
COUNT = 78


def test_stretches_contain_each_pair_once() -> None:
    stretches = stretches_of({"shipped": PLACES, "free": PLACES[:2]})
    numbers = [(stretch.path, number) for stretch in stretches for number in numbers_of(stretch)]
    assert numbers == [*(("shipped", number) for number in range(COUNT)), ("free", 0)]


def test_pair_is_retried_only_when_the_calls_change(tmp_path: Path) -> None:
    stretches = stretches_of({"shipped": PLACES})
    first, *others = stretches
    found = PairProgress()
    found.take(
        PairProgress(done=[f"shipped, 13 places: {number}" for number in numbers_of(first)], seconds=2)
    )
    keep(tmp_path / "pairs.json", vars(found))
    again = PairProgress(**kept(tmp_path / "pairs.json"))
    assert again == found
    assert missing_of(stretches, again) == others
    assert missing_of(stretches_of({"shipped": PLACES[1:]}), again) == stretches_of({"shipped": PLACES[1:]})


def test_stretch_runs_its_pairs(cloud: OfflineCloud) -> None:
    found_places = tuple(places(cloud, PATHS[0]))
    count = len(list(pairs(found_places)))
    found = tried(cloud, Stretch(PATHS[0].name, found_places, count - 1))
    assert (len(found.done), found.broken) == (1, {})
