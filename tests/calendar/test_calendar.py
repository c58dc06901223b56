"""`make calendar` shifts the clock and runs tests, or it fails."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.calendar import __main__ as command
from tests.calendar import faketime
from tests.calendar.dates import Date, dates
from tests.calendar.faketime import NoFaketimeError, library

LEAP_DAY = Date(name="leap-day", at=datetime(2028, 2, 29, 12, tzinfo=UTC))
ON_LEAP_DAY = "from datetime import date\ndef test_date():\n    assert str(date.today()) == '2028-02-29'\n"

BESIDE_A_THREAD = """
import os, subprocess, sys, threading
def test_variables():
    threads = [threading.Thread(target=lambda: sum(n for n in range(200_000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1_000):
        os.environ[f"NEW_{number}"] = str(number)
    for thread in threads:
        thread.join()
    os.environ["NEW_7"] = "replaced"
    del os.environ["NEW_8"]
    command = [sys.executable, "-c", "import os; print([os.environ.get(f'NEW_{n}') for n in (7, 8, 9)])"]
    assert subprocess.check_output(command, text=True) == "['replaced', None, '9']\\n"
"""


@pytest.fixture(scope="module")
def faketime_library() -> Path:
    try:
        return library()
    except NoFaketimeError as error:
        pytest.skip(str(error))


def run(folder: Path, text: str, path: Path, date: Date = LEAP_DAY, *, least: int = 1) -> bool:
    file = folder / "test_made_up.py"
    file.write_text(text)
    return command.run(date, path, [str(file)], least=least)


def test_run_passes_when_its_tests_see_the_date(faketime_library: Path, tmp_path: Path) -> None:
    assert run(tmp_path, ON_LEAP_DAY, faketime_library)


def test_run_fails_when_a_test_fails(faketime_library: Path, tmp_path: Path) -> None:
    assert not run(tmp_path, ON_LEAP_DAY.replace("29", "28"), faketime_library)


@pytest.mark.parametrize(("text", "least"), [("", 1), (ON_LEAP_DAY, 2)], ids=["none", "too few"])
def test_run_fails_when_too_few_tests_ran(
    faketime_library: Path, tmp_path: Path, text: str, least: int
) -> None:
    assert not run(tmp_path, text, faketime_library, least=least)


def test_run_survives_new_variables_beside_threads(faketime_library: Path, tmp_path: Path) -> None:
    assert run(tmp_path, BESIDE_A_THREAD, faketime_library)


def test_run_fails_when_the_clock_is_not_shifted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert not run(tmp_path, "def test_anything(): pass", tmp_path / "no-library.so")
    assert "off the expected time" in capfd.readouterr().err


def test_run_fails_when_the_time_zone_is_unknown(
    faketime_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TZDIR", str(tmp_path))  # where the C library looks; Python has places of its own
    kiritimati = Date(name="kiritimati", at=LEAP_DAY.at, zone="Pacific/Kiritimati")
    assert not run(tmp_path, "def test_anything(): pass", faketime_library, kiritimati)
    assert "which is not Pacific/Kiritimati" in capfd.readouterr().err


def test_command_names_the_missing_library_when_none_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "libfaketime.so.1"
    broken.write_bytes(b"no library")
    monkeypatch.setenv(faketime.VARIABLE, str(broken))
    result = CliRunner().invoke(application(), ["leap-day"])
    assert result.exit_code == command.UNUSABLE
    assert f"no libfaketime works on this machine ({broken})" in result.stderr
    assert "apt-get install faketime" in result.stderr


def test_command_rejects_an_unknown_date() -> None:
    result = CliRunner().invoke(application(), ["easter"])
    assert result.exit_code == command.UNUSABLE
    assert "There is no date easter. The dates are tomorrow, " in result.stderr


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 1)])
def test_command_fails_when_a_date_fails(monkeypatch: pytest.MonkeyPatch, *, passed: bool, code: int) -> None:
    seen: list[str] = []

    def run(date: Date, *_: object, **__: object) -> bool:
        seen.append(date.name)
        return passed or date.name != "leap-day"

    monkeypatch.setattr(command, "library", lambda: Path("some.so"))
    monkeypatch.setattr(command, "run", run)
    assert CliRunner().invoke(application(), []).exit_code == code
    assert seen == [date.name for date in dates(datetime.now(UTC))]


def application() -> typer.Typer:
    app = typer.Typer()
    app.command()(command.main)
    return app


NEW_YORK_2027 = {"clocks-forward": "2027-03-14T06:59:50+00:00", "clocks-back": "2027-11-07T05:59:50+00:00"}


@pytest.mark.parametrize("day", range(0, 1500, 149))
def test_every_date_is_ahead_on_any_day(day: int) -> None:
    now = datetime(2026, 11, 28, 7, tzinfo=UTC) + timedelta(days=day)
    found = dates(now)
    assert len({date.name for date in found}) == len(found) == 7
    assert all(timedelta() < date.at - now < timedelta(days=4 * 366) for date in found)


def test_dates_are_those_of_the_calendar() -> None:
    found = {date.name: date.at for date in dates(datetime(2026, 11, 28, 7, tzinfo=UTC))}
    assert found["leap-day"].date().isoformat() == "2028-02-29"
    assert found["new-year"].isoformat() == "2026-12-31T23:59:50+00:00"
    assert found["kiritimati"].astimezone(UTC).isoformat() == "2026-12-31T10:30:00+00:00"
    assert {name: found[name].isoformat() for name in NEW_YORK_2027} == NEW_YORK_2027


def test_only_one_module_sets_the_test_clock() -> None:
    tests = Path(__file__).parents[1]
    sets = re.compile(r"^ *(import|from) time_machine", re.MULTILINE)
    setting = [path.relative_to(tests) for path in tests.rglob("*.py") if sets.search(path.read_text())]
    assert setting == [Path("now.py")]


@pytest.mark.parametrize("path", command.FAST)
def test_fast_test_file_exists(path: str) -> None:
    assert (command.ROOT / path).is_file()
