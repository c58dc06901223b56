"""`orderbus up` prints commands that work."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from errno import EACCES
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from cli.core.exit_codes import ExitCode
from cli.demo import up
from cli.demo.synthesis import assembly_folder
from cli.main import app
from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import AssemblyError
from pocketcloud.serving.server import Served

COMMAND = "from cli.main import main; main()"


SETTINGS = {
    "AWS_PROFILE": "nobody",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_REGION": "us-west-2",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "HTTP_PROXY": "http://127.0.0.1:9",
}
"""Variables of a developer's shell; the cloud and the commands ignore them."""


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def start(aws_port: int, http_port: int, **variables: str) -> "subprocess.Popen[str]":
    ports = ["--aws-port", str(aws_port), "--http-port", str(http_port)]
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "up", *ports],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )


@pytest.fixture
def running() -> Iterator[tuple["subprocess.Popen[str]", int]]:
    http_port = a_free_port()
    process = start(a_free_port(), http_port, **SETTINGS)
    yield process, http_port
    process.kill()
    process.communicate()


def startup_output(process: "subprocess.Popen[str]") -> str:
    """Return the output until the cloud is up."""
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if "orders ls" in line:
            break
    return "".join(lines)


def run_in_another_region(line: str) -> tuple[int, str]:
    """Return the exit code and the error output of the command in another region."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *line.split(), "--region", "us-west-2"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_up_prints_working_commands_and_ends_with_ctrl_c(
    running: tuple["subprocess.Popen[str]", int],
) -> None:
    process, port = running
    printed = startup_output(process)
    token = re.search(r"TOKEN=(\S+)", printed)
    request = re.search(r"-d '(\{.*\})'", printed)
    assert token is not None, printed
    assert request is not None, printed
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {
        "Authorization": f"Bearer {token[1]}",
        "Idempotency-Key": "my-first-order",
        "Content-Type": "application/json",
    }
    connection.request("POST", "/orders", request[1], headers)
    with connection.getresponse() as placed:
        assert placed.status == 202
        placed.read()
    connection.request("GET", "/openapi.json", headers=headers)
    with connection.getresponse() as contract:
        assert json.load(contract)["openapi"].startswith("3.1")
    connection.request("GET", "/openapi.json", headers=headers | {"Host": f"evil.example:{port}"})
    with connection.getresponse() as foreign:
        assert foreign.status == 403
    connection.close()
    for line in re.findall(r"^  orderbus (status .*|orders ls .*)$", printed, re.MULTILINE):
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *line.split()],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **SETTINGS},
        )
        assert (done.returncode, done.stderr) == (ExitCode.OK, ""), line
    status = re.search(r"^  orderbus (status .*)$", printed, re.MULTILINE)
    assert status is not None
    code, err = run_in_another_region(status[1])
    assert code == ExitCode.AWS_REFUSED
    assert "scoped to a valid region, not 'us-west-2': the offline cloud serves eu-west-1 alone." in err
    assert "\n  unset AWS_PROFILE AWS_SESSION_TOKEN\n" in printed
    assert "\n  export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1\n" in printed
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (ExitCode.OK, "")
    assert "Stopped." in out


def test_up_fails_when_a_port_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        processes = start(a_free_port(), port), start(port, a_free_port())
        done = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [ExitCode.PORT_IN_USE] * 2
    for out, err in done:
        # Before the deployment, which takes seconds.
        assert out == ""
        assert err.splitlines()[0] == f"Port {port} is in use by another program."


def test_up_rejects_equal_ports() -> None:
    result = CliRunner().invoke(app, ["up", "--aws-port", "4711", "--http-port", "4711"])
    assert (result.exit_code, result.stdout) == (ExitCode.USAGE, "")
    assert result.stderr.startswith("--aws-port and --http-port are both 4711.\n")


def test_up_fails_when_a_port_is_not_permitted(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = Mock(side_effect=PermissionError(EACCES, "Permission denied"))
    monkeypatch.setattr(socket, "create_server", denied)
    monkeypatch.setattr(signal, "signal", Mock())
    result = CliRunner().invoke(app, ["up", "--aws-port", "80"])
    assert (result.exit_code, result.stdout) == (ExitCode.PORT_IN_USE, "")
    assert result.stderr.splitlines() == [
        "Port 80 of 127.0.0.1 is not available: Permission denied.",
        "Choose a port above 1023: --aws-port, --http-port.",
    ]


@pytest.mark.parametrize(("option", "latency"), [([], "published"), (["--latency", "none"], "none")])
def test_up_delivers_with_the_chosen_latency(
    option: list[str], latency: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Mock(side_effect=AssemblyError("not now"))
    monkeypatch.setattr(OfflineCloud, "start", start)
    monkeypatch.setattr(signal, "signal", Mock())
    ports = ["--aws-port", str(a_free_port()), "--http-port", str(a_free_port())]
    result = CliRunner().invoke(app, ["up", *ports, *option])
    assert result.exit_code == ExitCode.NOT_SYNTHESISED
    assert start.call_args.kwargs["latency"] == latency


def test_up_rejects_a_role_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", Mock())
    ports = ["--aws-port", str(a_free_port()), "--http-port", str(a_free_port())]
    result = CliRunner().invoke(app, ["up", *ports, "--as", "Nobody"])
    assert result.exit_code == ExitCode.USAGE
    assert result.stderr.splitlines() == [
        "--as Nobody is no role here.",
        "Name a role of the templates by its ARN, its name or its logical id.",
    ]


def test_up_deploys_again_when_the_assembly_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assembly = tmp_path / "cdk.out"
    shutil.copytree(assembly_folder(), assembly)
    monkeypatch.setattr(up, "assembly_folder", lambda: assembly)
    monkeypatch.setattr(signal, "signal", Mock())
    redeployed = Event()

    def deploy(_: OfflineCloud, folder: Path) -> tuple[str, ...]:
        redeployed.set()
        return (str(folder),)

    def wait(_: Served) -> None:
        template = assembly / "orderbus-dev-views.template.json"
        template.write_text(template.read_text() + "\n")
        assert redeployed.wait(timeout=60)
        raise KeyboardInterrupt

    monkeypatch.setattr(Served, "wait", wait)
    ports = ["--aws-port", str(a_free_port()), "--http-port", str(a_free_port())]
    with OfflineCloud.start() as cloud:
        monkeypatch.setattr(OfflineCloud, "deploy", deploy)
        monkeypatch.setattr(up, "offline_cloud", lambda **_: nullcontext(cloud))
        result = CliRunner().invoke(app, ["up", *ports])
    assert result.exit_code == ExitCode.OK, result.output
    assert "changed and was deployed again:" in result.stdout
