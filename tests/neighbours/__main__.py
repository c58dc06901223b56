"""Run the bridges' tests against every broker that is here: `make neighbours`.

Each test file starts its brokers on 127.0.0.1 and ends them by process id. What is missing is skipped, and
the reason is printed; so is how long each file took.
"""

import os
import sys
from pathlib import Path
from time import monotonic

import pytest

from tests.neighbours.conftest import VARIABLE

FOLDER = Path(__file__).parent


class FileTimes:
    """Adds up how long the tests of each file took, with what they set up."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.skipped: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add one phase of one test."""
        name = Path(report.nodeid.partition("::")[0]).stem
        self.seconds[name] = self.seconds.get(name, 0) + report.duration
        if report.skipped and isinstance(report.longrepr, tuple):
            self.skipped[report.longrepr[2].removeprefix("Skipped: ")] = name

    def summary(self) -> str:
        """Return a line for each file and for each reason to skip."""
        lines = [
            f"{name.removeprefix('test_'):12} {seconds:6.1f} s" for name, seconds in self.seconds.items()
        ]
        lines += [f"skipped in {name}: {reason}" for reason, name in self.skipped.items()]
        return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run the tests; return pytest's exit code."""
    os.environ[VARIABLE] = "1"
    times, started = FileTimes(), monotonic()
    code = pytest.main(["-p", "no:xdist", "-q", "-s", str(FOLDER), *arguments], plugins=[times])
    print(f"\n{times.summary()}\nmake neighbours: {monotonic() - started:.1f} s")  # noqa: T201 - its output
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
