"""Programs are quoted when they fail and ended, with their children, when they take too long."""

import os
import sys
import time
from pathlib import Path

import pytest

from deploy_check.command import CommandError, attempt, run
from deploy_check.shop import wait_until

ENV = {"PATH": os.defpath}


def python(words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", words)


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    # A killed child whose new parent has not taken note yet is a zombie, and runs nothing.
    stat = Path(f"/proc/{process_id}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_a_program_s_output_is_answered(tmp_path: Path) -> None:
    assert run(python("print('fine')"), env=ENV, cwd=tmp_path, timeout=10) == "fine\n"


def test_a_failing_program_is_quoted_from_both_its_outputs(tmp_path: Path) -> None:
    words = "import sys; print('out'); sys.stdout.flush(); sys.exit('its own words')"
    with pytest.raises(CommandError, match=r"ended with 1:\nout\nits own words"):
        run(python(words), env=ENV, cwd=tmp_path, timeout=10)


def test_only_the_end_of_a_long_complaint_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        run(python("print(*range(1000), sep='\\n'); exit(1)"), env=ENV, cwd=tmp_path, timeout=10)
    assert "\n999" in str(caught.value)
    assert "\n900\n" not in str(caught.value)


def test_an_attempt_may_fail(tmp_path: Path) -> None:
    assert attempt(python("exit(3)"), env=ENV, cwd=tmp_path, timeout=10) == (3, "")


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    words = (
        "import subprocess, sys, time; "
        f"child = subprocess.Popen([sys.executable, '-c', {deaf!r}], stdout=subprocess.PIPE); "
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(60)"
    )
    begun = time.monotonic()
    with pytest.raises(CommandError, match=r"was not done in 1 s:\n\d+") as caught:
        run(python(words), env=ENV, cwd=tmp_path, timeout=1)
    assert time.monotonic() - begun < 30
    child = int(str(caught.value).splitlines()[-1])
    wait_until(lambda: not is_alive(child), otherwise=lambda: f"{child} runs on", patience=5)


def test_a_program_sees_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    words = "import os; print('AWS_PROFILE' in os.environ)"
    assert run(python(words), env=ENV, cwd=tmp_path, timeout=10) == "False\n"
