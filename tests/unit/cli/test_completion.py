"""Shell completion of commands and of values that are known without an account."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.core import completion
from cli.main import app
from infrastructure.topology import FACTS
from tests.workflow.command_line import MAIN


def orderbus(*arguments: str, **variables: str) -> str:
    """Run the command in this process as a shell's completion function does; return its output."""
    result = CliRunner().invoke(app, list(arguments), env=variables, prog_name="orderbus")
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def orderbus_of_a_shell(*arguments: str, **variables: str) -> str:
    """Run the command in its own process; return its output."""
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def bash_variables(line: str) -> dict[str, str]:
    place = len(line.split(" ")) - 1
    return {"_ORDERBUS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(place)}


def in_bash(line: str) -> list[str]:
    return orderbus(**bash_variables(line)).split()


def in_zsh(line: str) -> list[str]:
    printed = orderbus(_ORDERBUS_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=line)
    assert printed.startswith("_arguments '*: :((")
    entries = printed.removeprefix("_arguments '*: :((").partition("))'")[0]
    return [entry.partition(":")[0].strip('"') for entry in entries.splitlines()]


def in_fish(line: str) -> list[str]:
    action = {"_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": line}
    printed = orderbus(_ORDERBUS_COMPLETE="complete_fish", **action)
    return [entry.partition("\t")[0] for entry in printed.splitlines()]


SHELLS = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}
FACTS_OF_ORDERS = [fact.name for fact in FACTS if fact.name.startswith("Order")]
LINES = {
    "orderbus st": ["status", "stream", "stock"],
    "orderbus stock l": ["ls", "load"],
    "orderbus status --targ": ["--target"],
    "orderbus status --target o": ["offline"],
    "orderbus status --stage ": ["dev", "prod"],
    "orderbus trace --stage p": ["prod"],
    "orderbus replay pay": ["payments"],
    "orderbus dlq ls --consumer i": ["inventory"],
    "orderbus dlq redrive --fact Order": FACTS_OF_ORDERS,
    "orderbus replay views --fact Order": FACTS_OF_ORDERS,
    "orderbus events tail --fact Order": FACTS_OF_ORDERS,
}


@pytest.mark.parametrize("line", LINES)
def test_bash_completes_commands_options_and_known_values(line: str) -> None:
    assert in_bash(line) == LINES[line]


def test_completion_works_in_a_process_of_its_own() -> None:
    line = "orderbus stock l"
    assert orderbus_of_a_shell(**bash_variables(line)).split() == LINES[line]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_completes_commands_stages_and_facts(shell: str) -> None:
    for line in ("orderbus st", "orderbus status --stage ", "orderbus dlq redrive --fact Order"):
        assert SHELLS[shell](line) == LINES[line]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_has_a_script_that_calls_orderbus(shell: str) -> None:
    script = orderbus_of_a_shell(_ORDERBUS_COMPLETE=f"source_{shell}")
    assert f"_ORDERBUS_COMPLETE=complete_{shell}" in script


def test_completion_script_is_shown_and_installed(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    assert "_ORDERBUS_COMPLETE=complete_fish" in orderbus_of_a_shell("--show-completion", "fish", **home)
    assert "fish completion installed" in orderbus_of_a_shell("--install-completion", "fish", **home)
    (script,) = (path for path in tmp_path.rglob("orderbus.fish"))
    assert "_ORDERBUS_COMPLETE=complete_fish" in script.read_text()


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"context": {"stages": 3}}', "\xff"])
def test_no_stage_is_completed_without_settings(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion, "ROOT", tmp_path)
    if content is not None:
        (tmp_path / "cdk.json").write_bytes(content.encode("latin-1"))
    assert completion.stages("") == []
