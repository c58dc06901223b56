"""A long search that was stopped goes on where it was."""

from collections import Counter
from pathlib import Path

from tests.simulation.soak import Found


def test_what_was_found_is_kept_and_added_to(tmp_path: Path) -> None:
    path = tmp_path / "soak" / "0-10.json"
    found = Found.kept(path)
    found.take(Found(done=[1], broken={"1": "I1"}, calls=2, sightings=Counter({"zombie": 3})))
    found.keep(path)
    again = Found.kept(path)
    assert again == found
    again.take(Found(done=[2], calls=5, sightings=Counter({"zombie": 1})))
    assert (again.done, again.calls, again.sightings["zombie"]) == ([1, 2], 7, 4)
