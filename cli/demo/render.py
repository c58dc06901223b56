"""What a person sees of a run: progress while it lasts, one order's journey, the figures."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.core.terminal_text import Line, Terminal, styled
from cli.demo.journey import Arrival, Passage
from cli.demo.progress import OutcomeMetrics
from cli.demo.purchases import RejectedRow
from cli.demo.report import Report
from cli.demo.run import Watch
from infrastructure.names import Names


@contextmanager
def progress_of(console: Terminal, orders: int) -> Iterator[Watch]:
    """While the run lasts: orders sent in, orders at their end, and what has been decided so far."""
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress, decided = Progress(*columns, console=console), styled()
    decided.style = "dim"
    decided.overflow = "fold"
    entered = progress.add_task("orders in", total=orders)
    ended = progress.add_task("at the end", total=orders)
    with Live(Group(progress, decided), console=console):

        def watch(sent: int, tally: OutcomeMetrics) -> None:
            progress.update(entered, completed=sent)
            progress.update(ended, completed=tally.ended)
            decided.plain = "  ".join(f"{fact} {number}" for fact, number in tally.facts.items())

        yield watch


def show_journey(console: Terminal, order: str, passages: Sequence[Passage], names: Names) -> None:
    """The journey hop by hop, in virtual time."""
    console.print()
    console.print(styled((f"The journey of order {order}", "bold"), ", in virtual time"))
    for passage in passages:
        console.print(_headline(passage, passages[0].at, names))
        for arrival in passage.arrivals:
            console.print(_hop(arrival, names))
        if not passage.arrivals:
            console.print(styled(("      recorded; nobody reacts to it", "dim")))


def _headline(passage: Passage, began: datetime, names: Names) -> Line:
    elapsed = (passage.at - began).total_seconds()
    origin = _short(passage.origin, names)
    return styled((f"+{elapsed:7.3f} s", "cyan"), " ", (passage.fact, "bold"), f" from {origin}")


def _hop(arrival: Arrival, names: Names) -> Line:
    way = " → ".join(_short(station, names) for station in arrival.way)
    again = f" (attempt 1 of {arrival.attempts})" if arrival.attempts > 1 else ""
    return styled(f"      {way} ", (f"after {arrival.after.total_seconds() * 1000:.0f} ms", "dim"), again)


def _short(station: str, names: Names) -> str:
    """`queue/orderbus-dev-payments` as `queue payments`: the prefix is the same everywhere."""
    return station.replace(f"/{names.prefix}-", " ")


def show_figures(console: Terminal, report: Report) -> None:
    """The summary table."""
    console.print()
    console.print_table(("", ""), _rows(report), title="Summary")


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


def show_rejected(console: Terminal, rejected: Sequence[RejectedRow]) -> None:
    """Every row that could not be used, by its line."""
    for row in rejected:
        console.print(styled((f"line {row.line} is rejected:", "yellow"), f" {row.reason}"))
