"""A stopped search resumes, and only a broken invariant makes it fail."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.simulation import cores, soak
from tests.simulation.coverage_goals import GOALS
from tests.simulation.soak import SoakProgress

SEEDS = 200
FIRST = 700_000


def test_progress_is_saved_and_added_to(tmp_path: Path) -> None:
    path = tmp_path / "soak" / "0-10.json"
    found = SoakProgress.kept(path)
    found.take(SoakProgress(done=[1], broken={"1": "I1"}, calls=2, reached=Counter({"zombie": 3})))
    found.keep(path)
    again = SoakProgress.kept(path)
    assert again == found
    again.take(SoakProgress(done=[2], calls=5, reached=Counter({"zombie": 1})))
    assert (again.done, again.calls, again.reached["zombie"]) == ([1, 2], 7, 4)


def test_progress_of_other_code_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "0-10.json"
    SoakProgress(done=[1]).keep(path)
    monkeypatch.setattr(cores, "code_digest", lambda: "of other code")
    assert SoakProgress.kept(path) == SoakProgress()


def exit_code_of_a_soak(monkeypatch: pytest.MonkeyPatch, folder: Path, part: SoakProgress) -> int:
    """Return the exit code of a search whose 200 seeds have this result."""

    def searched(*_: Any, **__: Any) -> Iterator[SoakProgress]:
        yield part

    monkeypatch.setattr(soak, "STATE", folder)
    monkeypatch.setattr(soak, "on_all_cores", searched)
    with pytest.raises(typer.Exit) as ended:
        soak.main(seeds=SEEDS, first=FIRST)
    return ended.value.exit_code


def all_seeds(*, reached: Counter[str], broken: dict[str, str] | None = None) -> SoakProgress:
    return SoakProgress(done=list(range(FIRST, FIRST + SEEDS)), reached=reached, broken=broken or {})


def test_soak_reports_when_a_state_is_not_reached(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missed, *reached = GOALS
    part = all_seeds(reached=Counter(reached))
    assert exit_code_of_a_soak(monkeypatch, tmp_path, part) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in lines if "not reached" in line] == [f"not reached: {missed}"]


def test_soak_fails_when_a_seed_breaks_an_invariant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = all_seeds(reached=Counter(GOALS), broken={"700007": "charged twice"})
    assert exit_code_of_a_soak(monkeypatch, tmp_path, part) == 1
    assert "seed 700007: charged twice" in capsys.readouterr().out
