"""`orderbus demo`: run orders from checkout to shipment offline, and print what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import Terminal, terminal, write_json
from cli.demo.deployment import deployed_names, offline_cloud
from cli.demo.journey import journey_of
from cli.demo.outcomes import SHIPPED, OrderOutcomes
from cli.demo.purchases import COLUMNS, RejectedRow, read_purchases
from cli.demo.render import print_figures, print_journey, print_rejected, progress
from cli.demo.report import report_on
from cli.demo.run import DemoRun, OrderDriver
from cli.demo.sample_orders import SampleOrder, sample_orders, seeded_random
from infrastructure.names import Names
from pocketcloud.cloud import OfflineCloud

DEFAULT_ORDERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """The options of the command line."""

    orders: int | None = None
    seed: int = 0
    purchases: Path | None = None
    as_json: bool = False


def demo(options: DemoOptions) -> ExitCode:
    """Run the demo; return OPEN_ORDERS unless exactly the orders sent are shipped or cancelled."""
    # With --json, stdout contains only the JSON object.
    console = terminal(stderr=options.as_json)
    orders, rejected = _orders(options)
    print_rejected(console, rejected)
    console.print("Deploying cdk.out into the offline cloud …")
    with offline_cloud(seed=options.seed, start_at=orders[0].arrives) as cloud:
        names = deployed_names(cloud.outputs)
        run = _run(cloud, names, orders, options, console)
        report = report_on(cloud, run, seed=options.seed, rejected=rejected)
        if options.as_json:
            write_json(report.as_json(), indent=2)
        else:
            _print_journey(cloud, names, run.outcomes, console)
            print_figures(console, report)
    return ExitCode.OK if run.outcomes.is_complete else ExitCode.OPEN_ORDERS


def _orders(options: DemoOptions) -> tuple[Sequence[SampleOrder], Sequence[RejectedRow]]:
    if options.purchases is None:
        return sample_orders(options.orders or DEFAULT_ORDERS, seeded_random(options.seed)), ()
    if options.orders is not None:
        raise CommandError(
            "--orders and --purchases exclude each other.",
            hint="A file of purchases determines the number of orders.",
            code=ExitCode.USAGE,
        )
    orders, rejected = read_purchases(options.purchases)
    if not orders:
        first = f"; line {rejected[0].line}: {rejected[0].reason}" if rejected else ""
        raise CommandError(
            f"{options.purchases} contains no purchase{first}.",
            hint=COLUMNS,
            code=ExitCode.USAGE,
        )
    return orders, rejected


def _run(
    cloud: OfflineCloud, names: Names, orders: Sequence[SampleOrder], options: DemoOptions, console: Terminal
) -> DemoRun:
    with progress(console, len(orders)) as report:
        driver = OrderDriver(cloud, names, random=seeded_random(options.seed), report=report)
        return driver.run_purchases(orders) if options.purchases else driver.run_samples(orders)


def _print_journey(cloud: OfflineCloud, names: Names, outcomes: OrderOutcomes, console: Terminal) -> None:
    """Print the journey of the first shipped order, with its checkout if it has one."""
    order = outcomes.first(SHIPPED)
    if order is not None:
        hops = chain(cloud.journal.of_event(outcomes.causes.get(order, "")), cloud.journal.of(order))
        print_journey(console, order, journey_of(hops), names)
