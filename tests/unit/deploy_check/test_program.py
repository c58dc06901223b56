"""`run` quotes a failing program, and ends a slow one with its children."""

import os
import sys
import time
from pathlib import Path

import pytest

from deploy_check.program import ProgramError, attempt, run
from deploy_check.shop import wait_until

ENV = {"PATH": os.defpath}


def python(message: str) -> tuple[str, ...]:
    return (sys.executable, "-c", message)


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    # A killed child that its new parent has not reaped is a zombie.
    stat = Path(f"/proc/{process_id}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_run_returns_the_output(tmp_path: Path) -> None:
    assert run(python("print('fine')"), env=ENV, cwd=tmp_path, timeout=10) == "fine\n"


def test_run_quotes_stdout_and_stderr_of_a_failure(tmp_path: Path) -> None:
    message = "import sys; print('out'); sys.stdout.flush(); sys.exit('its own words')"
    with pytest.raises(ProgramError, match=r"exited with 1:\nout\nits own words"):
        run(python(message), env=ENV, cwd=tmp_path, timeout=10)


def test_run_quotes_only_the_last_lines(tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        run(python("print(*range(1000), sep='\\n'); exit(1)"), env=ENV, cwd=tmp_path, timeout=10)
    assert "\n999" in str(caught.value)
    assert "\n900\n" not in str(caught.value)


def test_attempt_returns_the_exit_code(tmp_path: Path) -> None:
    assert attempt(python("exit(3)"), env=ENV, cwd=tmp_path, timeout=10) == (3, "")


def test_run_ends_a_hanging_program_with_its_children(tmp_path: Path) -> None:
    ignoring = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    message = (
        "import subprocess, sys, time; "
        f"child = subprocess.Popen([sys.executable, '-c', {ignoring!r}], stdout=subprocess.PIPE); "
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(60)"
    )
    started = time.monotonic()
    with pytest.raises(ProgramError, match=r"did not finish within 1 s:\n\d+") as caught:
        run(python(message), env=ENV, cwd=tmp_path, timeout=1)
    assert time.monotonic() - started < 30
    child = int(str(caught.value).splitlines()[-1])
    wait_until(lambda: not is_alive(child), otherwise=lambda: f"{child} is still running", timeout=5)


def test_run_passes_no_other_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    message = "import os; print('AWS_PROFILE' in os.environ)"
    assert run(python(message), env=ENV, cwd=tmp_path, timeout=10) == "False\n"
