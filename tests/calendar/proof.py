"""A pytest plugin: prove that this run has the date and time zone it should have, and count what passed."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from _pytest.terminal import TerminalReporter

from tests.calendar.environment import never_move

EXPECTED = "ORDERBUS_CALENDAR"
TOLERATED_SECONDS = 5.0
NOT_SHIFTED = 10
"""The exit code of a run whose clock or zone is another than the expected one."""


def expectation(*, shift_seconds: float, zone: str, report: Path) -> dict[str, str]:
    """Return the variable by which a run knows the time that it should have, and where to report."""
    # The monotonic clock is not shifted, and all processes of a machine share it.
    zero = time.time() + shift_seconds - time.monotonic()
    return {EXPECTED: json.dumps({"zero": zero, "zone": zone, "report": str(report)})}


def fault() -> str:
    """Say in what this process, or one that it starts, has not the expected time; empty if it has."""
    expected = json.loads(os.environ[EXPECTED])
    child = [sys.executable, "-c", "import time; print(time.time())"]
    inherited = subprocess.run(child, capture_output=True, text=True, check=True)
    for name, seconds in (("time.time()", time.time()), ("a child's time.time()", float(inherited.stdout))):
        off = seconds - (expected["zero"] + time.monotonic())
        if abs(off) > TOLERATED_SECONDS:
            return f"{name} is {timedelta(seconds=off)} off the expected time"
    now = datetime.now().astimezone()
    if now.utcoffset() != now.astimezone(ZoneInfo(expected["zone"])).utcoffset():
        return f"the local time is at {now:%z}, which is not {expected['zone']}: install tzdata"
    return ""


def pytest_sessionstart() -> None:
    """Run no test in the controller or a worker that has another time."""
    _leave_if_not_shifted()
    never_move()


def pytest_sessionfinish() -> None:
    """Look again: the clock must have been shifted all the time."""
    _leave_if_not_shifted()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Report how many tests passed; the workers have no terminal."""
    passed = len(terminalreporter.stats.get("passed", []))
    report = Path(json.loads(os.environ[EXPECTED])["report"])
    report.write_text(json.dumps({"passed": passed, "at": datetime.now().astimezone().isoformat()}))


def _leave_if_not_shifted() -> None:
    if why := fault():
        pytest.exit(f"This run has not the expected time: {why}.", returncode=NOT_SHIFTED)
