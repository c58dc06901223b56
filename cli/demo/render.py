"""The output of a run: its progress, the journey of one order, and the figures."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.core.terminal_text import Line, Terminal, styled
from cli.demo.journey import ConsumerArrival, FactJourney
from cli.demo.purchases import RejectedRow
from cli.demo.report import DemoReport
from cli.demo.run import FactCounter, ProgressReport
from infrastructure.names import Names


@contextmanager
def progress(console: Terminal, orders: int) -> Iterator[ProgressReport]:
    """Show the numbers of sent orders, completed orders and facts while the run lasts."""
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars, facts = Progress(*columns, console=console), styled()
    facts.style = "dim"
    facts.no_wrap, facts.overflow = False, "fold"
    sent_bar = bars.add_task("sent", total=orders)
    completed_bar = bars.add_task("completed", total=orders)
    with Live(Group(bars, facts), console=console):

        def report(sent: int, counter: FactCounter) -> None:
            bars.update(sent_bar, completed=sent)
            bars.update(completed_bar, completed=counter.completed)
            facts.plain = "  ".join(f"{fact} {number}" for fact, number in counter.facts.items())

        yield report


def print_journey(console: Terminal, order: str, facts: Sequence[FactJourney], names: Names) -> None:
    """Print the journey in virtual time."""
    console.print()
    console.print(styled((f"The journey of order {order}", "bold"), ", in virtual time"))
    for fact in facts:
        console.print(_headline(fact, facts[0].at, names))
        for arrival in fact.arrivals:
            console.print(_arrival(arrival, names))
        if not fact.arrivals:
            console.print(styled(("      recorded; no consumer", "dim")))


def _headline(fact: FactJourney, start: datetime, names: Names) -> Line:
    elapsed = (fact.at - start).total_seconds()
    publisher = _short(fact.publisher, names)
    return styled((f"+{elapsed:7.3f} s", "cyan"), " ", (fact.fact, "bold"), f" from {publisher}")


def _arrival(arrival: ConsumerArrival, names: Names) -> Line:
    route = " → ".join(_short(resource, names) for resource in arrival.route)
    attempts = f" (attempt 1 of {arrival.attempts})" if arrival.attempts > 1 else ""
    return styled(
        f"      {route} ", (f"after {arrival.delay.total_seconds() * 1000:.0f} ms", "dim"), attempts
    )


def _short(resource: str, names: Names) -> str:
    """Shorten `queue/orderbus-dev-payments` to `queue payments`."""
    return resource.replace(f"/{names.prefix}-", " ")


def print_figures(console: Terminal, report: DemoReport) -> None:
    """Print the summary table."""
    console.print()
    console.print_table(("", ""), _rows(report), title="Summary")


def _rows(report: DemoReport) -> Iterator[tuple[str, str]]:
    yield "orders in", str(report.orders_in)
    for state, number in report.terminal.items():
        reasons = ", ".join(f"{reason} {count}" for reason, count in report.cancellations.items())
        yield f"  {state}", f"{number} ({reasons})" if state == "cancelled" else str(number)
    yield "facts", str(sum(report.facts.values()))
    yield from ((f"  {fact}", str(number)) for fact, number in report.facts.items())
    yield "deliveries to functions", str(report.deliveries)
    yield "undelivered", str(report.undelivered)
    yield from ((f"  {where}", str(number)) for where, number in report.undelivered_reasons.items())
    yield "emails", str(report.mails)
    yield "AWS requests per order", f"{sum(report.aws_requests_per_order.values()):.2f}"
    yield from ((f"  {call}", f"{mean:.3f}") for call, mean in report.aws_requests_per_order.items())
    yield "real time", f"{report.seconds:.2f} s, {report.orders_per_second:.1f} orders/s"
    yield "seed", str(report.seed)


def print_rejected(console: Terminal, rejected: Sequence[RejectedRow]) -> None:
    """Print every rejected row with its line number."""
    for row in rejected:
        console.print(styled((f"line {row.line} is rejected:", "yellow"), f" {row.reason}"))
