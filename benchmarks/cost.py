"""What an order costs: all that the workflow asks of AWS, counted offline, at list prices.

    python -m benchmarks.cost --orders 200

Good orders, all through the HTTP API, one every 0.4 s of virtual time. Not counted: logs, traces, storage,
the archive, and the time functions run, which only an account can measure.
"""

import json
from collections import Counter
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.prices import PER_ALARM_AND_MONTH, PER_COMPOSITE_ALARM_AND_MONTH, PER_MILLION
from benchmarks.units import read_units, write_units
from cli.demo.deployment import deployed_names
from cli.demo.sample_orders import PRICES, chance, made_up_orders, stock_for
from cli.demo.seed_data import put_on_sale
from cli.demo.submit import Doors
from cli.demo.synthesis import current_assembly
from pocketcloud import Kind, OfflineCloud

GAP = 0.4
CARD = "pm_card_visa"


def counted(orders: int) -> Counter[str]:
    """What so many orders ask of AWS, by the unit it is billed in."""
    with OfflineCloud.start() as cloud:
        cloud.calls.keep = True
        names, random = deployed_names(cloud.outputs), chance(0)
        wishes = [replace(order, payment_method=CARD) for order in made_up_orders(orders, random)]
        put_on_sale(cloud, names, PRICES, dict.fromkeys(stock_for(wishes), 100 * orders))
        doors = Doors(cloud, names, random)
        for wish in wishes:
            doors.place(wish)
            cloud.advance(seconds=GAP)
        cloud.settle()
        return _usage(cloud, orders)


def _usage(cloud: OfflineCloud, orders: int) -> Counter[str]:
    hops = Counter(hop.kind for hop in cloud.journal.hops)
    invocations = {(hop.destination, hop.at) for hop in cloud.journal.hops if hop.kind is Kind.INVOKED}
    polls = {(each.function, each.at) for each in cloud.deliveries}
    sends = hops[Kind.ENQUEUED]
    calls = [(call.operation, call.parameters) for call in cloud.calls.log if call.service == "dynamodb"]
    return Counter(
        {
            "HTTP API requests": orders,
            "Lambda requests": len(invocations),
            "DynamoDB write units": sum(write_units(*call) for call in calls),
            "DynamoDB read units": round(sum(read_units(*call) for call in calls)),
            "EventBridge events": hops[Kind.ACCEPTED],
            "SNS publishes": sum(hop.destination.startswith("topic/") for hop in cloud.journal.hops),
            "SQS requests": sends + 2 * len(polls),  # each sent; each batch received and deleted
            "SES letters": len(cloud.mails),
        }
    )


def alarms() -> tuple[int, int]:
    """How many alarms the stage has, and composite ones: what it costs while nobody orders."""
    templates = [json.loads(path.read_text()) for path in current_assembly().glob("*-dev-*.template.json")]
    kinds = [each["Type"] for template in templates for each in template["Resources"].values()]
    return kinds.count("AWS::CloudWatch::Alarm"), kinds.count("AWS::CloudWatch::CompositeAlarm")


def main(orders: Annotated[int, typer.Option(min=1)] = 200) -> None:
    """Print what a thousand orders ask of AWS, and what that costs."""
    usage = counted(orders)
    table = Table(title="A thousand orders")
    for heading in ("unit", "an order", "dollars a thousand"):
        table.add_column(heading, justify="left" if heading == "unit" else "right")
    dollars = {unit: usage[unit] / orders * 1000 * price / 1e6 for unit, price in PER_MILLION.items()}
    for unit, cost in dollars.items():
        table.add_row(unit, f"{usage[unit] / orders:.2f}", f"{cost:.4f}")
    letters = dollars["SES letters"]
    table.add_section()
    table.add_row("without letters", "", f"{sum(dollars.values()) - letters:.4f}")
    table.add_row("with letters", "", f"{sum(dollars.values()):.4f}")
    console = Console()
    console.print(table)
    plain, composite = alarms()
    dollars_idle = plain * PER_ALARM_AND_MONTH + composite * PER_COMPOSITE_ALARM_AND_MONTH
    console.print(f"Idle: {plain + composite} alarms, {dollars_idle:.2f} dollars a month.")


if __name__ == "__main__":
    typer.run(main)
