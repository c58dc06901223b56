"""Other programs: run with a deadline, ended with their children, quoted when they fail."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from deploy_check.failure import CheckError

QUOTED_LINES = 30
"""How much of a failed program's output is worth reading: its end."""
GRACE = 3.0
"""Seconds between asking a program to end and ending it."""


class CommandError(CheckError):
    """A program failed or took too long; its own words are in the message."""


def run(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, timeout: float) -> str:
    """What the program printed; CommandError if it fails, or is not done within `timeout` seconds."""
    code, output = attempt(command, env=env, cwd=cwd, timeout=timeout)
    if code:
        raise CommandError(f"{_shown(command)} ended with {code}:\n{_end_of(output)}")
    return output


def attempt(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, timeout: float) -> tuple[int, str]:
    """The program's exit code and what it printed; CommandError only if it is not done in time."""
    process = subprocess.Popen(  # noqa: S603 - the callers name fixed programs
        command,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that it can be ended together with its children
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        end(process)
        output, _ = process.communicate(timeout=GRACE)
        raise CommandError(f"{_shown(command)} was not done in {timeout:.0f} s:\n{_end_of(output)}") from None
    finally:
        end(process)
    return process.returncode, output


def end(process: "subprocess.Popen[str]") -> None:
    """End a program that leads its own session, and every child in it: asked first, then not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):  # the whole group is gone already
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=GRACE)


def _shown(command: Sequence[str]) -> str:
    return " ".join(Path(part).name if part.startswith("/") else part for part in command)


def _end_of(output: str) -> str:
    return "\n".join(output.rstrip().splitlines()[-QUOTED_LINES:])
