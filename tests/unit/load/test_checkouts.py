"""`python -m load checkouts` works at `orderbus up`."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UP = "from cli.main import main; main()"
ORDERS = 10
CRITERIA = 5


def free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture(scope="module")
def aws_url() -> Iterator[str]:
    """Serve the offline cloud; yield its endpoint once it is up."""
    aws, http = free_ports()
    command = [sys.executable, "-c", UP, "up", "--aws-port", str(aws), "--http-port", str(http)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any("orders ls" in line for line in process.stdout)
    yield f"http://127.0.0.1:{aws}"
    process.kill()
    process.communicate()


def checkouts(aws_url: str, *options: str) -> "subprocess.CompletedProcess[str]":
    where = ["--target", "offline", "--endpoint-url", aws_url]
    size = ["--rate", str(ORDERS), "--seconds", "1", "--within-seconds", "60"]
    return subprocess.run(
        [sys.executable, "-m", "load", "checkouts", *where, *size, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_checkouts_are_sent_and_judged_on_a_served_cloud(aws_url: str) -> None:
    shown = checkouts(aws_url)
    missed = checkouts(aws_url, "--relay-lag-seconds", "0.001", "--json", "--yes")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Would publish 10 checkouts" in shown.stdout
    assert (missed.returncode, missed.stderr) == (1, "")
    result = json.loads(missed.stdout)
    assert result["ends"] == {"ShipmentScheduled": ORDERS}
    failed = [each["name"] for each in result["criteria"] if not each["passed"]]
    assert (len(result["criteria"]), failed) == (CRITERIA, ["the relay lags by"])


def test_checkouts_pass_with_the_default_goals(aws_url: str) -> None:
    done = checkouts(aws_url, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("passed") == CRITERIA
