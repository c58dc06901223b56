"""`orderbus up` says what to type, and what it says works."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from ops.exit_codes import ExitCode

COMMAND = "from ops.cli import main; main()"


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def start(aws_port: int, http_port: int) -> "subprocess.Popen[str]":
    ports = ["--aws-port", str(aws_port), "--http-port", str(http_port)]
    return subprocess.Popen(  # noqa: S603 — our own command
        [sys.executable, "-c", COMMAND, "up", *ports],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def running() -> Iterator[tuple["subprocess.Popen[str]", int]]:
    http_port = a_free_port()
    process = start(a_free_port(), http_port)
    yield process, http_port
    process.kill()
    process.communicate()


def said(process: "subprocess.Popen[str]") -> str:
    """What it prints until it is up."""
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if "orders ls" in line:
            break
    return "".join(lines)


def test_the_printed_token_opens_the_api_and_ctrl_c_ends_it_cleanly(
    running: tuple["subprocess.Popen[str]", int],
) -> None:
    process, port = running
    printed = said(process)
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
    connection.close()
    for line in re.findall(r"^  orderbus (status .*|orders ls .*)$", printed, re.MULTILINE):
        done = subprocess.run(  # noqa: S603 — our own command
            [sys.executable, "-c", COMMAND, *line.split()], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (ExitCode.OK, ""), line
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (ExitCode.OK, "")
    assert "Stopped." in out


def test_a_port_in_use_is_one_sentence_and_its_exit_code() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(a_free_port(), port)
        _, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.PORT_IN_USE
    assert err.splitlines()[0] == f"Port {port} is in use by another program."
