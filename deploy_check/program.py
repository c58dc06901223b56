"""Run a program with a timeout, end it with its children, and quote its output when it fails."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from deploy_check.failure import CheckError

QUOTED_LINES = 30
"""The number of last lines to quote."""
GRACE_SECONDS = 3.0
"""The time between SIGTERM and SIGKILL."""


class ProgramError(CheckError):
    """A program failed or timed out; the message quotes its output."""


def run(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, timeout: float) -> str:
    """Return the output; raise ProgramError if the program fails or times out."""
    code, output = attempt(command, env=env, cwd=cwd, timeout=timeout)
    if code:
        raise ProgramError(f"{_rendered(command)} exited with {code}:\n{_end_of(output)}")
    return output


def attempt(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, timeout: float) -> tuple[int, str]:
    """Return the exit code and the output; raise ProgramError only if it times out."""
    process = subprocess.Popen(  # noqa: S603 - the callers name fixed programs
        command,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # to end it with its children
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        end(process)
        output, _ = process.communicate(timeout=GRACE_SECONDS)
        raise ProgramError(
            f"{_rendered(command)} did not finish within {timeout:.0f} s:\n{_end_of(output)}"
        ) from None
    finally:
        end(process)
    return process.returncode, output


def end(process: "subprocess.Popen[str]") -> None:
    """End the session of a program, first with SIGTERM, then with SIGKILL."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):  # the group has ended
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=GRACE_SECONDS)


def _rendered(command: Sequence[str]) -> str:
    return " ".join(Path(part).name if part.startswith("/") else part for part in command)


def _end_of(output: str) -> str:
    return "\n".join(output.rstrip().splitlines()[-QUOTED_LINES:])
