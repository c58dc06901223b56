"""What a person sees of a run: progress while it lasts, one order's journey, the figures."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from infrastructure.names import Names
from ops.journey import Arrival, Passage
from ops.purchases import RejectedRow
from ops.report import Report
from ops.run import Watch
from ops.tally import Tally


@contextmanager
def progress_of(console: Console, orders: int) -> Iterator[Watch]:
    """While the run lasts: orders sent in, orders at their end, and what has been decided so far."""
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress, decided = Progress(*columns, console=console), Text(style="dim", no_wrap=False, overflow="fold")
    entered = progress.add_task("orders in", total=orders)
    ended = progress.add_task("at the end", total=orders)
    with Live(Group(progress, decided), console=console):

        def watch(sent: int, tally: Tally) -> None:
            progress.update(entered, completed=sent)
            progress.update(ended, completed=tally.ended)
            decided.plain = "  ".join(f"{fact} {number}" for fact, number in tally.facts.items())

        yield watch


def show_journey(console: Console, order: str, passages: Sequence[Passage], names: Names) -> None:
    """The journey hop by hop, in virtual time."""
    console.print(f"\n[bold]The journey of order {order}[/bold], in virtual time")
    for passage in passages:
        console.print(_headline(passage, passages[0].at, names))
        for arrival in passage.arrivals:
            console.print(_hop(arrival, names))
        if not passage.arrivals:
            console.print("      [dim]recorded; nobody reacts to it[/dim]")


def _headline(passage: Passage, began: datetime, names: Names) -> str:
    elapsed = (passage.at - began).total_seconds()
    return f"[cyan]+{elapsed:7.3f} s[/cyan] [bold]{passage.fact}[/bold] from {_short(passage.origin, names)}"


def _hop(arrival: Arrival, names: Names) -> str:
    way = " → ".join(_short(station, names) for station in arrival.way)
    again = f" (attempt 1 of {arrival.attempts})" if arrival.attempts > 1 else ""
    return f"      {way} [dim]after {arrival.after.total_seconds() * 1000:.0f} ms[/dim]{again}"


def _short(station: str, names: Names) -> str:
    """`queue/orderbus-dev-payments` as `queue payments`: the prefix is the same everywhere."""
    return escape(station.replace(f"/{names.prefix}-", " "))


def show_figures(console: Console, report: Report) -> None:
    """The summary table."""
    table = Table(title="\nSummary", show_header=False, title_justify="left")
    for name, value in _rows(report):
        table.add_row(name, value)
    console.print(table)


def _rows(report: Report) -> Iterator[tuple[str, str]]:
    yield "orders in", str(report.orders_in)
    for state, number in report.terminal.items():
        reasons = ", ".join(f"{reason} {count}" for reason, count in report.cancellations.items())
        yield f"  {state}", f"{number} ({reasons})" if state == "cancelled" else str(number)
    yield "facts", str(sum(report.facts.values()))
    yield from ((f"  {fact}", str(number)) for fact, number in report.facts.items())
    yield "deliveries to functions", str(report.deliveries)
    yield "undelivered", str(report.undelivered)
    yield from ((f"  {where}", str(number)) for where, number in report.undelivered_reasons.items())
    yield "mails", str(report.mails)
    yield "AWS requests per order", f"{sum(report.aws_requests_per_order.values()):.2f}"
    yield from ((f"  {call}", f"{mean:.3f}") for call, mean in report.aws_requests_per_order.items())
    yield "real time", f"{report.seconds:.2f} s, {report.orders_per_second:.1f} orders/s"
    yield "seed", str(report.seed)


def show_rejected(console: Console, rejected: Sequence[RejectedRow]) -> None:
    """Every row that could not be used, by its line."""
    for row in rejected:
        console.print(f"[yellow]line {row.line} is rejected:[/yellow] {escape(row.reason)}")
