"""The cost of an order: the AWS requests of the workflow, counted offline, at list prices.

    python -m benchmarks.cost --orders 200

It sends valid orders to the HTTP API, one every 0.4 s of virtual time. It does not count logs, traces,
storage, the archive, and the run time of functions, which only an account can measure.
"""

import json
from collections import Counter
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.meter import Meter
from benchmarks.prices import PER_ALARM_AND_MONTH, PER_COMPOSITE_ALARM_AND_MONTH, PER_MILLION
from cli.demo.deployment import deployed_names, seed
from cli.demo.sample_orders import PRICES, sample_orders, seeded_random, stock_for
from cli.demo.submit import OrderSender
from cli.demo.synthesis import current_assembly
from pocketcloud import Kind, OfflineCloud

GAP_SECONDS = 0.4
CARD = "pm_card_visa"


def count_usage(orders: int) -> tuple[Counter[str], Meter]:
    """Return the usage of a number of orders by billing unit, and by function."""
    with OfflineCloud.start() as cloud:
        names, random = deployed_names(cloud.outputs), seeded_random(0)
        samples = [replace(order, payment_method=CARD) for order in sample_orders(orders, random)]
        seed(cloud, names, PRICES, dict.fromkeys(stock_for(samples), 100 * orders))
        sender, meter = OrderSender(cloud, names, random), Meter(cloud)
        cloud.calls.middleware.append(meter)
        for order in samples:
            sender.place(order)
            cloud.advance(seconds=GAP_SECONDS)
        cloud.settle()
        return _usage(cloud, meter, orders), meter


def _usage(cloud: OfflineCloud, meter: Meter, orders: int) -> Counter[str]:
    hops = Counter(hop.kind for hop in cloud.journal.hops)
    invocations = {(hop.destination, hop.at) for hop in cloud.journal.hops if hop.kind is Kind.INVOKED}
    polls = {(each.function, each.at) for each in cloud.deliveries}
    sends = hops[Kind.ENQUEUED]
    return Counter(
        {
            "HTTP API requests": orders,
            "Lambda requests": len(invocations),
            "DynamoDB write units": meter.written.total() + meter.indexed.total(),
            "DynamoDB read units": meter.read.total() // 2,
            "EventBridge events": hops[Kind.ACCEPTED],
            "SNS publishes": sum(hop.destination.startswith("topic/") for hop in cloud.journal.hops),
            "SQS requests": sends + 2 * len(polls),  # one to send; two per batch to receive and delete
            "SES emails": len(cloud.mails),
        }
    )


def _by_function(meter: Meter, orders: int) -> Table:
    """Return what each function asks of AWS for one order."""
    table = Table(title="An order, by function")
    counts = (meter.requests, meter.written, meter.indexed)
    for heading in ("function", "requests", "write units", "index units", "read units"):
        table.add_column(heading, justify="left" if heading == "function" else "right")
    for function in sorted(meter.requests):
        numbers = [count[function] / orders for count in counts] + [meter.read[function] / 2 / orders]
        table.add_row(function, *(f"{number:.2f}" for number in numbers))
    table.add_section()
    totals = [count.total() / orders for count in counts] + [meter.read.total() / 2 / orders]
    table.add_row("sum", *(f"{number:.2f}" for number in totals))
    return table


def count_alarms() -> tuple[int, int]:
    """Return the numbers of metric and composite alarms, the cost of an idle stage."""
    templates = [json.loads(path.read_text()) for path in current_assembly().glob("*-dev-*.template.json")]
    kinds = [each["Type"] for template in templates for each in template["Resources"].values()]
    return kinds.count("AWS::CloudWatch::Alarm"), kinds.count("AWS::CloudWatch::CompositeAlarm")


def main(orders: Annotated[int, typer.Option(min=1)] = 200) -> None:
    """Print the usage and the cost of a thousand orders."""
    usage, meter = count_usage(orders)
    table = Table(title="A thousand orders")
    for heading in ("unit", "per order", "dollars per thousand"):
        table.add_column(heading, justify="left" if heading == "unit" else "right")
    dollars = {unit: usage[unit] / orders * 1000 * price / 1e6 for unit, price in PER_MILLION.items()}
    for unit, cost in dollars.items():
        table.add_row(unit, f"{usage[unit] / orders:.2f}", f"{cost:.4f}")
    emails = dollars["SES emails"]
    table.add_section()
    table.add_row("without emails", "", f"{sum(dollars.values()) - emails:.4f}")
    table.add_row("with emails", "", f"{sum(dollars.values()):.4f}")
    console = Console()
    console.print(table)
    console.print(_by_function(meter, orders))
    plain, composite = count_alarms()
    dollars_idle = plain * PER_ALARM_AND_MONTH + composite * PER_COMPOSITE_ALARM_AND_MONTH
    console.print(f"Idle: {plain + composite} alarms, {dollars_idle:.2f} dollars per month.")


if __name__ == "__main__":
    typer.run(main)
