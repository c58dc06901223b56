"""`orderbus analytics`: print the figures of a window, once or again and again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from cli.core.account import LOOK, Account, aws_errors
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.core.times import format_utc, require_window
from cli.stream.lag import lags, until
from functions.analytics.checkpoint import ALLOWED_LATENESS
from functions.analytics.figures import Figures, minute_of
from functions.analytics.figures_reader import MinuteFigures, minutes_between
from functions.analytics.report import FigureReport, minute_reports, report_of

CONSUMER = "analytics"
HEADERS = ("minute", "orders", "revenue", "cancelled", "shipped", "p50", "p95", "restated")
WATCH_SECONDS = 5
BAR_COLUMNS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsOptions:
    """The window, and how to print it."""

    since: datetime
    until: datetime
    as_json: bool
    sleep: Callable[[float], None]


def show_analytics(account: Account, options: AnalyticsOptions) -> ExitCode:
    """Print the figures of each minute and their sum, and up to when they are complete."""
    require_window(options.since, options.until)
    with aws_errors(hint=LOOK):
        complete = until(lags(account, CONSUMER, options.sleep), options.until) - ALLOWED_LATENESS
        table = account.names.table(CONSUMER, CONSUMER)
        minutes = list(minutes_between(account.client("dynamodb"), table, options.since, options.until))
    total = report_of(sum((minute.figures for minute in minutes), Figures()))
    if options.as_json:
        write_json(_document(minutes, total, complete))
    else:
        _print(minutes, total, complete)
    return ExitCode.OK


def watch_analytics(account: Account, options: Callable[[], AnalyticsOptions]) -> ExitCode:
    """Print again every five seconds, until Ctrl-C."""
    try:
        while True:
            chosen = options()
            if not chosen.as_json:
                terminal().clear()
            show_analytics(account, chosen)
            chosen.sleep(WATCH_SECONDS)
    except KeyboardInterrupt:
        return ExitCode.OK


def _document(minutes: Sequence[MinuteFigures], total: FigureReport, complete: datetime) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(
        {"complete_until": minute_of(complete), "total": total, "minutes": minute_reports(minutes)}
    )
    return document


def _print(minutes: Sequence[MinuteFigures], total: FigureReport, complete: datetime) -> None:
    rows = [_cells(each.minute, each) for each in minute_reports(minutes)]
    numbers = frozenset(range(1, len(HEADERS)))
    terminal().print_table(HEADERS, [*rows, _cells("total", total)], title="Per minute, UTC", right=numbers)
    most = max(total.events.values(), default=1)
    for name, count in sorted(total.events.items(), key=lambda pair: -pair[1]):
        terminal().print(f"{name:20} {count:8}  {'#' * max(1, BAR_COLUMNS * count // most)}")
    for title, found in (("Cancelled", total.cancelled), ("Units", total.units)):
        if found:
            terminal().print(f"{title}: " + ", ".join(f"{name} {count}" for name, count in found.items()))
    terminal().print(f"Complete until {format_utc(complete)}; later minutes may still grow.")


def _cells(name: str, report: FigureReport) -> tuple[str, ...]:
    revenue = ", ".join(f"{amount / 100:.2f} {code}" for code, amount in report.revenue_minor.items())
    after = report.shipped_after_seconds
    return (
        name,
        str(report.orders),
        revenue or "-",
        str(sum(report.cancelled.values())),
        str(report.events.get("ShipmentScheduled", 0)),
        *("-" if each is None else f"{each:.1f} s" for each in (after.p50, after.p95)),
        str(report.restated),
    )
