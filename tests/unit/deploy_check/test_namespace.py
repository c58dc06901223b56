"""LocalEmu starts only in a network namespace of its own."""

import socket
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy_check import __main__ as command
from deploy_check import interpreter, localemu_pass, namespace
from deploy_check.failure import CheckError

PROGRAM = typer.Typer(add_completion=False)
PROGRAM.command()(command.main)


def test_server_is_not_started_beside_another_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "if_nameindex", lambda: [(1, "lo"), (2, "eth0")])
    with pytest.raises(CheckError, match="lo, eth0"):
        namespace.use_loopback()


def test_missing_permission_is_explained_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(localemu_pass, "prepare", lambda: None)
    result = CliRunner().invoke(PROGRAM, ["--localemu"])
    assert result.exit_code == 1
    assert "binds every interface" in result.stderr
    assert "Use a Linux machine that allows user namespaces." in result.stderr


@pytest.mark.parametrize("other", ["--iam", "--manual", "--keep"])
def test_options_that_exclude_each_other_are_named(other: str) -> None:
    result = CliRunner().invoke(PROGRAM, ["--localemu", other])
    assert result.exit_code == 2
    assert other in result.stderr


def test_missing_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "has_lambda_python", lambda: False)
    result = CliRunner().invoke(PROGRAM, ["--localemu"])
    assert result.exit_code == 1
    assert result.stderr == "LocalEmu runs under Python 3.13 here: install it, for example with pyenv.\n"
