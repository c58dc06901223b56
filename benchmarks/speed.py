"""The speed of the offline cloud: start-up, CPU time and memory per order, and whether both stay flat.

    python -m benchmarks.speed --orders 300

CPU times depend on the machine; the ratios and the counts do not.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.demo.deployment import deployed_names, seed
from cli.demo.sample_orders import PRICES, SampleOrder, sample_orders, seeded_random, stock_for
from cli.demo.submit import OrderSender
from cli.demo.synthesis import current_assembly
from pocketcloud import Kind, OfflineCloud

GAP_SECONDS = 0.4
WARM_UP = 20
"""Orders before the measurement; they import every function."""
MS = 1_000


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure, with the goal if there is one."""

    name: str
    value: float
    unit: str
    goal: float | None = None


class Stopwatch:
    """CPU and wall time of a block in seconds."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure the block."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.cpu, self.wall = time.process_time() - cpu, time.perf_counter() - wall


def measure(orders: int, history_limit: int | None = None) -> list[Measurement]:
    """Run the orders, and return all figures."""
    assembly = current_assembly()
    with OfflineCloud.start(assembly=assembly, history_limit=history_limit) as cloud:
        first_start = time.process_time()
        figures = _orders(cloud, orders)
        reset = Stopwatch()
        with reset.running():
            cloud.reset()
    start, restored = Stopwatch(), Stopwatch()
    for watch in (start, restored):  # the second account of a process leaves a snapshot
        with watch.running(), OfflineCloud.start(assembly=assembly):
            pass
    return [
        Measurement("process start to ready, CPU", first_start, "s", 1.5),
        Measurement("start again in the process, CPU", start.cpu, "s"),
        Measurement("start from a snapshot, CPU", restored.cpu, "s", 0.2),
        Measurement("reset, CPU", reset.cpu * MS, "ms"),
        *figures,
    ]


def _orders(cloud: OfflineCloud, count: int) -> list[Measurement]:
    names, random = deployed_names(cloud.outputs), seeded_random(0)
    samples = sample_orders(WARM_UP + count, random)
    seed(cloud, names, PRICES, stock_for(samples))
    sender = OrderSender(cloud, names, random)
    _send(cloud, sender, samples[:WARM_UP])
    cloud.settle()
    cloud.calls.clear()
    hops = len(cloud.journal.hops)
    part = count // 4
    quarters, memory = [Stopwatch() for _ in range(4)], []
    for number, quarter in enumerate(quarters):
        memory.append(_memory_kilobytes())
        with quarter.running():
            _send(cloud, sender, samples[WARM_UP + number * part : WARM_UP + (number + 1) * part])
            cloud.settle()
    sent = 4 * part
    invoked = sum(hop.kind is Kind.INVOKED for hop in cloud.journal.hops[hops:])
    return [
        Measurement("orders per second", sent / sum(quarter.wall for quarter in quarters), "1/s", 60),
        Measurement("CPU per order", sum(quarter.cpu for quarter in quarters) / sent * MS, "ms"),
        Measurement("CPU per order, last quarter over first", quarters[-1].cpu / quarters[0].cpu, "x", 1.0),
        # The first half fills caches of a fixed size.
        Measurement(
            "memory per order, second half", (_memory_kilobytes() - memory[2]) / (sent / 2), "kB", 20
        ),
        Measurement("messages to functions per order", invoked / sent, ""),
        Measurement("AWS calls of functions per order", cloud.calls.counts.total() / sent, ""),
    ]


def _send(cloud: OfflineCloud, sender: OrderSender, orders: Sequence[SampleOrder]) -> None:
    """Send the orders alternately to the HTTP API and to the ingress bus, as the demo does."""
    for index, order in enumerate(orders):
        if index % 2:
            sender.check_out([order])
        else:
            sender.place(order)
        cloud.advance(seconds=GAP_SECONDS)


def _memory_kilobytes() -> int:
    """Return the most memory that the process has had; Linux counts it in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(
    orders: Annotated[int, typer.Option(min=4)] = 300,
    history_limit: Annotated[
        int | None, typer.Option(min=1, help="Keep only the latest hops, emails and log lines.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Print the speed of the offline cloud."""
    figures = measure(orders, history_limit)
    if as_json:
        typer.echo(json.dumps({each.name: round(each.value, 3) for each in figures}, indent=2))
        return
    # Without bytecode, a start that compiles moto again looks like a slower cloud.
    note = ", PYTHONDONTWRITEBYTECODE is set" if sys.dont_write_bytecode else ""
    table = Table(title=f"The offline cloud, {orders} orders{note}")
    for heading in ("measurement", "now", "unit", "goal"):
        table.add_column(heading, justify="right" if heading in {"now", "goal"} else "left")
    for each in figures:
        table.add_row(
            each.name, f"{each.value:.2f}", each.unit, "" if each.goal is None else f"{each.goal:g}"
        )
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
