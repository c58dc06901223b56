"""A command writes to any terminal, file or pipe, and reports a failed write."""

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
LIMITED = {
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "the C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


def orderbus(redirection: str, *arguments: object, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in a shell that redirects its streams."""
    typed = shlex.join(map(str, [sys.executable, "-c", MAIN, *arguments]))
    return subprocess.run(
        ["/bin/sh", "-c", f"exec {typed} {redirection}"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("variables", LIMITED.values(), ids=LIMITED)
def test_help_is_ascii_on_an_ascii_output(variables: dict[str, str]) -> None:
    done = orderbus("", "--help", **variables)
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    assert done.stdout.isascii()
    assert "+- Options ---" in done.stdout


def test_demo_writes_ascii_on_an_ascii_output() -> None:
    done = orderbus("", "demo", "--orders", 1, **LIMITED["the C locale"])
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    assert done.stdout.isascii()
    assert "Deploying cdk.out into the offline cloud ...\n" in done.stdout
    assert "rule order-created -> topic order-created" in done.stdout
    assert re.search(r"^orders in +\|?1 *$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("variables", [*LIMITED.values(), {}], ids=[*LIMITED, "UTF-8"])
def test_error_is_written_in_any_encoding(variables: dict[str, str]) -> None:
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
def test_unwritable_output_has_its_own_exit_code(
    arguments: tuple[object, ...], redirection: str, reason: str
) -> None:
    done = orderbus(redirection, *arguments)
    assert done.returncode == ExitCode.OUTPUT_FAILED
    first, hint = done.stderr.splitlines()
    assert first == f"Standard output cannot be written: {reason}."
    assert hint.startswith("Redirect it to a file")


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&- 2>&-"])
def test_error_keeps_its_exit_code_without_stderr(redirection: str) -> None:
    done = orderbus(redirection, "events", "validate", "nowhere.json")
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.USAGE, "", "")


def test_command_without_streams_exits_with_output_failed() -> None:
    assert orderbus("<&- >&- 2>&-", "--version").returncode == ExitCode.OUTPUT_FAILED


def test_output_is_written_without_stderr() -> None:
    done = orderbus("2>&-", "--version")
    assert (done.returncode, done.stdout) == (ExitCode.OK, "orderbus 0.1.0\n")


def test_unbuffered_output_stays_unbuffered() -> None:
    script = "from cli.core.output import prepare_streams as p; p(); import os; print('once'); os._exit(0)"
    done = subprocess.run([sys.executable, "-u", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "once\n"


def test_streams_without_a_file_stay_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    prepare_streams()
    assert sys.stdout is sys.stderr is stream
