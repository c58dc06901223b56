"""Run the fast tests on other dates and in other time zones: `make calendar ARGS=leap-day`."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tests.calendar.dates import Date, dates
from tests.calendar.faketime import NoFaketimeError, library, shifted
from tests.calendar.proof import expectation

ROOT = Path(__file__).parents[2]
FAST = (
    "tests/unit/functions/test_consumer.py",
    "tests/unit/functions/test_event_log.py",
    "tests/unit/functions/test_notifications.py",
    "tests/unit/functions/test_orders_deadlines.py",
    "tests/unit/functions/test_orders_reactions.py",
    "tests/unit/functions/test_dead_letter.py",
    "tests/unit/functions/test_payments_reconciliation.py",
    "tests/unit/functions/test_payments_faults.py",
    "tests/unit/functions/test_outcome_metrics.py",
    "tests/unit/functions/test_webhooks.py",
    "tests/unit/deploy_check/test_endpoint.py",
    "packages/pocketcloud/tests/apigateway/test_tokens.py",
    "packages/pocketcloud/tests/services/test_time.py",
    "tests/unit/cli/test_amendment.py",
    "tests/unit/cli/test_log_search.py",
    "tests/unit/cli/test_queue_reader.py",
    "tests/bad_inputs/test_events_repeated.py",
    "tests/workflow/test_events_command.py",
    "tests/workflow/test_readme_examples.py",
)
"""The fast tests that depend on time."""
LEAST = 300
"""Fewer passed tests than this are not the fast tests."""
UNUSABLE = 2


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Only these dates; all by default.")] = None,
) -> None:
    """Run the fast tests on each date; exit with 1 if a date fails, with 2 if the clock cannot be shifted."""
    now = datetime.now(UTC)
    known = {date.name: date for date in dates(now)}
    if unknown := sorted({*(names or ())} - known.keys()):
        typer.echo(f"There is no date {', '.join(unknown)}. The dates are {', '.join(known)}.", err=True)
        raise typer.Exit(UNUSABLE)
    try:
        path = library()
    except NoFaketimeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(UNUSABLE) from error
    chosen = [known[name] for name in names or known]
    failed = [date.name for date in chosen if not run(date, path, arguments(), least=LEAST)]
    names_failed = ", ".join(failed) or "none"
    typer.echo(f"{len(chosen) - len(failed)} of {len(chosen)} dates passed. Failed: {names_failed}.")
    raise typer.Exit(bool(failed))


def arguments() -> list[str]:
    """Return what pytest is to run."""
    return ["-n", "2", "--dist", "loadfile", *FAST]


def run(date: Date, library_path: Path, pytest_arguments: Sequence[str], *, least: int) -> bool:
    """Run pytest on this date; return whether it had that date and enough tests, and all passed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        seconds = (date.at - datetime.now(UTC)).total_seconds()
        environment = {
            **shifted(library_path, seconds, os.environ),
            **expectation(shift_seconds=seconds, zone=date.zone, report=report),
            "TZ": date.zone,
        }
        typer.echo(f"{date.name}: {date.at:%Y-%m-%d %H:%M:%S%z} with TZ={date.zone}")
        plugins = ["-p", "no:cacheprovider", "-p", "tests.calendar.proof"]
        command = [sys.executable, "-m", "pytest", "-q", *plugins, *pytest_arguments]
        code = subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
        found: dict[str, Any] = {"passed": 0, "at": "an unknown time"}
        if report.exists():
            found = json.loads(report.read_text())
    enough = found["passed"] >= least
    typer.echo(f"{date.name}: {found['passed']} tests passed by {found['at']}, exit code {code}")
    if not enough:
        typer.echo(f"{date.name}: at least {least} tests should have passed", err=True)
    return code == 0 and enough


if __name__ == "__main__":
    typer.run(main)
