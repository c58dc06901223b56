"""`--help`, errors and exit codes of the command line."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from cli.core.exit_codes import ExitCode
from cli.demo import synthesis
from cli.main import app
from tests.permissions.people import commands
from tests.workflow.command_line import orderbus_unread

VERBS = re.compile(
    r" (Add|Cancel|Check|Empty|Erase|Export|Fix|Generate|List|Place|Publish|Put|Raise|Redrive|Replay|Run"
    r"|Serve|Show|Start|Stop) "
)
ROOT = Path(__file__).parents[3]
CLI_PAGE = ROOT / "docs" / "cli.md"
CHECKOUTS = ROOT / "docs" / "examples" / "checkouts.json"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


COMMANDS = {
    "Offline, without an AWS account": ["demo", "up", "cost"],
    "Diagnose": ["status", "smoke", "trace", "events", "stream"],
    "Repair": ["replay", "republish", "restore", "dlq"],
    "Orders, stock and sales": ["orders", "customers", "stock", "views", "analytics"],
    "Develop": ["new", "schema"],
}


def test_help_has_every_command_in_its_place() -> None:
    code, out, _ = run("-h")
    assert code == ExitCode.OK
    places = [out.index(f" {panel} ") for panel in COMMANDS]
    assert places == sorted(places)
    for panel, after in zip(COMMANDS, [*places[1:], len(out)], strict=True):
        shown = out[out.index(f" {panel} ") : after]
        assert set(re.findall(r"^\W+([a-z]+)  ", shown, re.MULTILINE)) == set(COMMANDS[panel])


@pytest.mark.parametrize("command", commands())
def test_help_starts_with_a_verb_within_80_columns(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run(*command.split(), "--help")
    assert code == ExitCode.OK
    _, usage, _, description, *_ = out.splitlines()
    assert usage.startswith(" Usage: ")
    assert VERBS.match(description)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["-h"], {"boto3", "moto", "cli.core.account", "infrastructure.topology"}),
        (["orders", "ls", "-h"], {"moto", "aws_cdk"}),
        (["dlq", "ls", "-h"], {"moto", "aws_cdk"}),
        (["status", "-h"], {"moto", "aws_cdk"}),
    ],
    ids=["all", "orders", "dlq", "status"],
)
def test_command_imports_only_what_it_needs(arguments: list[str], unwanted: set[str]) -> None:
    script = (
        f"import sys; from cli.main import app; app({arguments}, standalone_mode=False); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert unwanted.isdisjoint(done.stdout.splitlines()[-1].split())


def test_page_lists_exactly_the_exit_codes() -> None:
    table = CLI_PAGE.read_text().partition("| exit code |")[2].partition("\n\n")[0]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(ExitCode)


@pytest.mark.parametrize(
    ("arguments", "pair"),
    [
        (("status", "--watch", "--json"), "--watch and --json"),
        (("status", "--watch", "--check"), "--watch and --check"),
        (("trace", "order", "--mermaid", "--json"), "--mermaid and --json"),
    ],
)
def test_contradicting_options_are_rejected(arguments: tuple[str, ...], pair: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (ExitCode.USAGE, "")
    assert err.splitlines()[0] == f"{pair} exclude each other."


@pytest.mark.parametrize("start", [(), ("--from", "1h")], ids=["none", "age"])
def test_replay_rejects_a_shard_without_a_sequence_number(start: tuple[str, ...]) -> None:
    code, out, err = run("stream", "replay", "new", "--shard", "shardId-0", *start, "--target", "offline")
    assert (code, out) == (ExitCode.USAGE, "")
    assert err.splitlines()[0] == "--shard belongs to a sequence number."


def test_missing_file_is_one_error_with_a_hint(tmp_path: Path) -> None:
    code, out, err = run("demo", "--json", "--purchases", str(tmp_path / "none.txt"))
    assert (code, out) == (ExitCode.USAGE, "")
    sentence, hint, *rest = err.splitlines()
    assert sentence.endswith("none.txt cannot be read: No such file or directory.")
    assert hint.startswith("The columns are: customer")
    assert rest == []


def test_file_without_purchases_names_the_first_rows_error(tmp_path: Path) -> None:
    file = tmp_path / "bad.txt"
    file.write_text("\n[red]nonsense[/red]\n")
    code, _, err = run("demo", "--purchases", str(file))
    assert code == ExitCode.USAGE
    assert "contains no purchase; line 2: not five columns" in err


def test_orders_and_purchases_exclude_each_other(tmp_path: Path) -> None:
    code, _, err = run("demo", "--orders", "3", "--purchases", str(tmp_path))
    assert (code, err.splitlines()[0]) == (ExitCode.USAGE, "--orders and --purchases exclude each other.")


@pytest.mark.parametrize("arguments", [("demo", "--orders", "0"), ("up", "--http-port", "70000"), ("fly",)])
def test_unknown_command_or_value_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == ExitCode.USAGE


def test_profile_is_rejected_for_the_offline_target() -> None:
    code, _, err = run("views", "sales", "2026-11-23", "--target", "offline", "--profile", "work")
    assert code == ExitCode.USAGE
    assert err.splitlines()[0] == "--profile cannot be used with --target offline."


def test_command_reports_an_unreachable_offline_cloud() -> None:
    unused = "http://127.0.0.1:1"
    code, _, err = run("views", "sales", "2026-11-23", "--target", "offline", "--endpoint-url", unused)
    assert code == ExitCode.AWS_REFUSED
    sentence, hint = err.splitlines()
    assert sentence == f'Could not connect to the endpoint URL: "{unused}/"'
    assert "Is `orderbus up` running?" in hint


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("events", "validate", CHECKOUTS), ("events", "validate", CHECKOUTS, "--json")],
    ids=["help", "text", "JSON"],
)
def test_command_is_silent_when_nobody_reads_it(arguments: tuple[object, ...]) -> None:
    assert orderbus_unread(*arguments) == (ExitCode.UNREAD, "")


@pytest.mark.parametrize("command", ["demo", "up"])
def test_invalid_cdk_json_has_its_own_exit_code(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cdk.json").write_text("{")
    monkeypatch.setattr(synthesis, "ROOT", tmp_path)
    monkeypatch.setattr(signal, "signal", Mock())
    monkeypatch.setattr(socket, "create_server", lambda _: socket.socket())
    code, _, err = run(command)
    assert code == ExitCode.NOT_SYNTHESISED
    sentence, hint = err.splitlines()
    assert sentence.startswith(f"cdk.out cannot be used: {tmp_path / 'cdk.json'} is not JSON: ")
    assert hint.startswith("Run `make synth`")
