"""A command writes to any terminal, file or pipe, and says in words and by its exit code if it cannot."""

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cli.core.exit_codes import ExitCode
from cli.core.output import prepare_streams
from tests.workflow.command_line import MAIN

VALIDATE = ("events", "validate", Path(__file__).parents[3] / "docs" / "examples" / "checkouts.json")
NARROW = {
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "the C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


def orderbus(redirection: str, *arguments: object, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in a shell that redirects its streams."""
    typed = shlex.join(map(str, [sys.executable, "-c", MAIN, *arguments]))
    return subprocess.run(  # noqa: S603 - our own
        ["/bin/sh", "-c", f"exec {typed} {redirection}"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("variables", NARROW.values(), ids=NARROW)
def test_help_and_tables_are_ascii_on_a_narrow_output(variables: dict[str, str]) -> None:
    done = orderbus("", "--help", **variables)
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    assert done.stdout.isascii()
    assert "+- Options ---" in done.stdout


@pytest.mark.parametrize("variables", NARROW.values(), ids=NARROW)
def test_the_demo_writes_ascii_on_a_narrow_output(variables: dict[str, str]) -> None:
    done = orderbus("", "demo", "--orders", 1, **variables)
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    assert done.stdout.isascii()
    assert "Deploying cdk.out into the offline cloud ...\n" in done.stdout
    assert "rule order-created -> topic order-created" in done.stdout
    assert re.search(r"^orders in +\|?1 *$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("variables", [*NARROW.values(), {}], ids=[*NARROW, "UTF-8"])
def test_an_error_is_written_in_any_encoding(variables: dict[str, str]) -> None:
    done = orderbus("", "events", "validate", "\u2026\u20ac\udcff", **variables)
    assert done.returncode == ExitCode.USAGE
    assert "cannot be used: No such file or directory." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        VALIDATE,
        (*VALIDATE, "--json"),
    ],
    ids=["version", "help", "text", "JSON"],
)
@pytest.mark.parametrize(
    ("redirection", "reason"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")]
)
def test_an_output_that_cannot_be_written_is_an_error(
    arguments: tuple[object, ...], redirection: str, reason: str
) -> None:
    done = orderbus(redirection, *arguments)
    assert done.returncode == ExitCode.OUTPUT_FAILED
    first, hint = done.stderr.splitlines()
    assert first == f"Standard output cannot be written: {reason}."
    assert hint.startswith("Redirect it to a file")


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&- 2>&-"])
def test_an_error_keeps_its_exit_code_when_nobody_can_read_it(redirection: str) -> None:
    done = orderbus(redirection, "events", "validate", "nowhere.json")
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.USAGE, "", "")


def test_no_stream_at_all_is_an_exit_code() -> None:
    assert orderbus("<&- >&- 2>&-", "--version").returncode == ExitCode.OUTPUT_FAILED


def test_the_output_is_written_although_errors_cannot_be() -> None:
    done = orderbus("2>&-", "--version")
    assert (done.returncode, done.stdout) == (ExitCode.OK, "orderbus 0.1.0\n")


def test_an_unbuffered_output_stays_unbuffered() -> None:
    script = "from cli.core.output import prepare_streams as p; p(); import os; print('once'); os._exit(0)"
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-u", "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "once\n"


def test_streams_that_are_no_files_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    prepare_streams()
    assert sys.stdout is sys.stderr is stream
