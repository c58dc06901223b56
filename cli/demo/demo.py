"""`orderbus demo`: carry orders from checkout to shipment, offline, and show what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import Terminal, terminal, write_json
from cli.demo.cloud import Cloud
from cli.demo.deployment import deployed_names, offline_cloud
from cli.demo.journey import journey
from cli.demo.outcomes import SHIPPED, Outcome
from cli.demo.purchases import RejectedRow, read_purchases
from cli.demo.render import progress_of, show_figures, show_journey, show_rejected
from cli.demo.report import report_on
from cli.demo.run import Driver, Run
from cli.demo.sample_orders import Order, chance, made_up_orders
from infrastructure.names import Names

ORDERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line asked for."""

    orders: int | None = None
    seed: int = 0
    purchases: Path | None = None
    as_json: bool = False


def demo(wish: Wish) -> ExitCode:
    """Run the demo; OPEN_ORDERS unless exactly the orders that went in are shipped or cancelled."""
    # With --json, stdout holds the JSON object and nothing else.
    console = terminal(stderr=wish.as_json)
    orders, rejected = _orders(wish)
    show_rejected(console, rejected)
    console.print("Deploying cdk.out into the offline cloud …")
    with offline_cloud(seed=wish.seed, start_at=orders[0].arrives) as cloud:
        names = deployed_names(cloud.outputs)
        run = _carried(cloud, names, orders, wish, console)
        report = report_on(cloud, run, seed=wish.seed, rejected=rejected)
        if wish.as_json:
            write_json(report.as_json(), indent=2)
        else:
            _show_journey(cloud, names, run.outcome, console)
            show_figures(console, report)
    return ExitCode.OK if run.outcome.is_complete else ExitCode.OPEN_ORDERS


def _orders(wish: Wish) -> tuple[Sequence[Order], Sequence[RejectedRow]]:
    if wish.purchases is None:
        return made_up_orders(wish.orders or ORDERS, chance(wish.seed)), ()
    if wish.orders is not None:
        raise CommandError(
            "--orders and --purchases exclude each other.",
            hint="A file of purchases says itself how many there are.",
            code=ExitCode.USAGE,
        )
    orders, rejected = read_purchases(wish.purchases)
    if not orders:
        first = f"; line {rejected[0].line}: {rejected[0].reason}" if rejected else ""
        raise CommandError(
            f"{wish.purchases} holds no purchase{first}.",
            hint="A row is: customer, customer in the sample, date YYYYMMDD, number of CDs, amount.",
            code=ExitCode.USAGE,
        )
    return orders, rejected


def _carried(cloud: Cloud, names: Names, orders: Sequence[Order], wish: Wish, console: Terminal) -> Run:
    with progress_of(console, len(orders)) as watch:
        driver = Driver(cloud, names, random=chance(wish.seed), watch=watch)
        return driver.history(orders) if wish.purchases else driver.made_up(orders)


def _show_journey(cloud: Cloud, names: Names, outcome: Outcome, console: Terminal) -> None:
    """Of the first order that was shipped: all its facts, and the checkout that began it, if one did."""
    order = outcome.first(SHIPPED)
    if order is not None:
        hops = chain(cloud.journal.of_event(outcome.causes.get(order, "")), cloud.journal.of(order))
        show_journey(console, order, journey(hops), names)
