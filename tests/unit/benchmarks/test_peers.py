"""The comparison with MiniStack counts the CPU time of a cloud's processes, and waits for all orders."""

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import peers
from benchmarks.peers import Peer, PeerRun, cpu_of

WORK = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(20_000_000))']); input()"


def test_cpu_time_includes_ended_children() -> None:
    command = [sys.executable, "-c", WORK + "; print()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as process:
        before = cpu_of(process.pid)
        while cpu_of(process.pid) < before + 0.1 and process.poll() is None:
            pass
        used = cpu_of(process.pid)
        process.communicate("\n")
    assert used > before
    assert cpu_of(process.pid) == 0


class Cloud:
    """Tables that count two more shipments at each look, and a bus that may reject events."""

    def __init__(self, failed: int = 0) -> None:
        self.failed, self.sent, self.shipped = failed, 0, 0

    def __call__(self, _: str) -> "Cloud":
        """Return the client of any service."""
        return self

    def put_item(self, **_: Any) -> None:
        """Write a row."""

    def put_events(self, *, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Count the events."""
        self.sent += len(Entries)
        return {"FailedEntryCount": self.failed, "Entries": Entries}

    def get_paginator(self, _: str) -> "Cloud":
        """Return the paginator of a scan."""
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, int]]:
        """Yield one page."""
        self.shipped = min(self.sent, self.shipped + 2)
        yield {"Count": self.shipped}


def test_peer_completes_all_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    cloud = Cloud()
    run = Peer("cloud", cloud, 0).measure(25)
    assert cloud.sent == cloud.shipped == peers.WARM_UP + 25
    assert run.orders == 25


def test_peer_fails_when_events_are_rejected() -> None:
    with pytest.raises(RuntimeError, match="cloud rejected events"):
        Peer("cloud", Cloud(failed=1), 0).measure(1)


def test_run_divides_by_its_orders() -> None:
    run = PeerRun(name="cloud", orders=50, wall_seconds=2.0, cpu_seconds=1.0)
    assert (run.orders_per_second, run.cpu_ms_per_order) == (25.0, 20.0)
