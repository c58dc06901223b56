"""The offline cloud beside MiniStack: the same templates and the same orders, over HTTP.

    python -m benchmarks.peers --orders 40

Both run the deployed application in processes of their own. Partners' checkouts come by PutEvents, ten at
a time; an order is complete when its shipment is in the event log. The ratios hold on any machine, as
both share it; one runs after the other. https://github.com/ministackorg/ministack
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import boto3
import typer
from rich.console import Console
from rich.table import Table

from cli.demo.sample_orders import CURRENCY, PLENTY, PRICES, SampleLine, SampleOrder, seeded_random
from cli.demo.submit import checkout_entry
from deploy_check import plain_pass
from deploy_check.deployment import Deployment
from deploy_check.program import end
from infrastructure.names import Names

NAMES = Names("dev")
UP = (sys.executable, "-c", "from cli.main import main; main()", "up", "--latency", "none")
BATCH = 10
WARM_UP = 10
"""Orders before the measurement: every function starts."""
TIMEOUT_SECONDS = 600
DEPLOYED = "seed"
"""The step of the deployment check after which orders can be placed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRun:
    """The time and CPU that one cloud used for the orders."""

    name: str
    orders: int
    wall_seconds: float
    cpu_seconds: float

    @property
    def orders_per_second(self) -> float:
        """Return the completed orders per second of wall time."""
        return self.orders / self.wall_seconds

    @property
    def cpu_ms_per_order(self) -> float:
        """Return the CPU time of the cloud's processes per order."""
        return self.cpu_seconds / self.orders * 1_000


@dataclass(frozen=True, slots=True)
class Peer:
    """A running cloud: how to get a client, and the session of its processes."""

    name: str
    client: Callable[[str], Any]
    session: int

    def measure(self, orders: int) -> PeerRun:
        """Complete the orders, after some to warm up, and return what they took."""
        self._seed()
        self._complete(0, WARM_UP)
        started, cpu = time.perf_counter(), cpu_of(self.session)
        self._complete(WARM_UP, orders)
        wall, used = time.perf_counter() - started, cpu_of(self.session) - cpu
        return PeerRun(name=self.name, orders=orders, wall_seconds=wall, cpu_seconds=used)

    def _seed(self) -> None:
        tables = self.client("dynamodb")
        for sku, price in PRICES.items():
            row = {"sku": {"S": sku}, "unit_price": {"N": str(price)}, "currency": {"S": CURRENCY}}
            tables.put_item(TableName=NAMES.of("catalogue"), Item=row)
            stock = {"sku": {"S": sku}, "available": {"N": str(PLENTY)}}
            tables.put_item(TableName=NAMES.of("stock"), Item=stock)

    def _complete(self, first: int, count: int) -> None:
        events, random = self.client("events"), seeded_random(first)
        for start in range(first, first + count, BATCH):
            numbers = range(start, min(start + BATCH, first + count))
            now = datetime.now(UTC)
            entries = [
                checkout_entry(_order(number), bus=NAMES.ingress_bus, now=now, random=random)
                for number in numbers
            ]
            response = events.put_events(Entries=entries)
            if response["FailedEntryCount"]:
                raise RuntimeError(f"{self.name} rejected events: {response['Entries']}")
        self._wait_for(first + count)

    def _wait_for(self, shipped: int) -> None:
        until = time.monotonic() + TIMEOUT_SECONDS
        while (found := self._shipped()) < shipped:
            if time.monotonic() > until:
                raise RuntimeError(f"{self.name} shipped {found} of {shipped} in {TIMEOUT_SECONDS} s")
            time.sleep(0.5)

    def _shipped(self) -> int:
        pages = self.client("dynamodb").get_paginator("scan")
        selected = pages.paginate(
            TableName=NAMES.event_log,
            Select="COUNT",
            FilterExpression="begins_with(pk, :shipping)",
            ExpressionAttributeValues={":shipping": {"S": "shipping#"}},
        )
        return sum(page["Count"] for page in selected)


def _order(number: int) -> SampleOrder:
    """Return an order of three lines by a customer of its own, so that no fraud rule applies."""
    lines = tuple(SampleLine(sku, 1, price) for sku, price in list(PRICES.items())[:3])
    return SampleOrder(key=f"peer-{number}", customer=f"customer-{number}", lines=lines)


def cpu_of(session: int) -> float:
    """Return the CPU seconds of a session's processes and of those they have waited for (Linux)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: field 6, and 14 to 17.
        if int(fields[3]) == session:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def pocketcloud() -> Iterator[Peer]:
    """Run `orderbus up` without latency."""
    port = _free_port()
    command = (*UP, "--aws-port", str(port), "--http-port", str(_free_port()))
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, text=True, start_new_session=True)  # noqa: S603 - our own command
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_open(process, port)
        session = boto3.Session("offline", "offline", region_name="eu-west-1")
        yield Peer("pocketcloud", lambda name: session.client(name, endpoint_url=url), process.pid)  # type: ignore[call-overload]  # any service
    finally:
        end(process)


def _wait_until_open(process: "subprocess.Popen[str]", port: int) -> None:
    until = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"orderbus up ended with {process.returncode}")
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=2),
        ):
            return
        time.sleep(0.2)
    raise RuntimeError(f"orderbus up was not ready within {TIMEOUT_SECONDS} s")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def ministack() -> Iterator[Peer]:
    """Deploy the same templates to MiniStack with the CDK command line, as the deployment check does."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as resources:
        check = Deployment(folder=Path(folder), names=NAMES, resources=resources)
        for step in plain_pass.STEPS:
            step.do(check)
            if step.name == DEPLOYED:
                break
        yield Peer("MiniStack", check.endpoint.client, check.endpoint.process_id)


def main(
    orders: Annotated[int, typer.Option(min=1, max=1_000)] = 40,
    as_json: Annotated[bool, typer.Option("--json")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Print orders per second and CPU per order of both, and their ratios."""
    runs = []
    for peer in (pocketcloud, ministack):
        with peer() as cloud:
            runs.append(cloud.measure(orders))
    ours, theirs = runs
    speed, other_speed = ours.orders_per_second, theirs.orders_per_second
    cpu, other_cpu = ours.cpu_ms_per_order, theirs.cpu_ms_per_order
    rows = [
        ("orders per second", speed, other_speed, speed / other_speed, 3),
        ("CPU per order, ms", cpu, other_cpu, other_cpu / cpu, 5),
    ]
    if as_json:
        typer.echo(json.dumps([asdict(run) for run in runs], indent=2))
        return
    table = Table(title=f"{orders} orders of three lines")
    for heading in ("measurement", ours.name, theirs.name, "better by", "goal"):
        table.add_column(heading, justify="left" if heading == "measurement" else "right")
    for name, own, other, ratio, goal in rows:
        table.add_row(name, f"{own:.1f}", f"{other:.1f}", f"{ratio:.2f} x", f"{goal} x")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
