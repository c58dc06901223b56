"""Print every limit at an order rate."""

from collections.abc import Iterator

from cli.core.terminal_text import Terminal
from cli.cost.bill import EMAIL_SERVICE, HOURS_PER_MONTH, MILLION
from cli.cost.queueing import SECONDS_PER_HOUR, Limit
from cli.cost.report import CostReport

NUMBERS = frozenset({1, 2, 3, 5})


def print_limits(console: Terminal, report: CostReport, limits: list[Limit], rate: float) -> None:
    """Print the limits, the exceeded ones first, and the cost of the rate."""
    exceeded = [limit for limit in limits if limit.use(rate) > 1]
    styles = dict.fromkeys(range(len(exceeded)), "red")
    console.print_table(
        ("limit", "orders/s", "use", "wait or excess", "decided by", "needed"),
        limit_rows(limits, rate),
        title=f"{rate:g} orders a second, stage {report.stage}, {report.scenario.fill:g} to a batch",
        styles=styles,
        right=NUMBERS,
    )
    orders = rate * SECONDS_PER_HOUR * HOURS_PER_MONTH
    console.print()
    console.print(
        f"{len(exceeded)} of {len(limits)} limits are exceeded. "
        f"{orders:,.0f} orders a month cost {monthly(report, rate):,.0f} dollars, "
        f"{orders / MILLION * report.bill.by_service.get(EMAIL_SERVICE, 0.0):,.0f} of them for emails."
    )


def monthly(report: CostReport, rate: float) -> float:
    """Return the dollars of a month at that rate."""
    return report.bill.month(rate * SECONDS_PER_HOUR * HOURS_PER_MONTH)


def limit_rows(limits: list[Limit], rate: float) -> Iterator[tuple[str, ...]]:
    """Yield each limit with its use, and the setting that it would need."""
    for limit in limits:
        yield (
            limit.name,
            f"{limit.orders_per_second:,.0f}",
            f"{limit.use(rate):.0%}",
            _effect(limit, rate),
            limit.setting.strip("`"),
            f"{limit.value:,} → {limit.needed(rate):,}" if limit.needed(rate) > limit.value else "",
        )


def _effect(limit: Limit, rate: float) -> str:
    if excess := limit.excess_per_hour(rate):
        return f"{excess:,} orders/h {'rejected' if limit.service_ms is None else 'wait'}"
    wait = limit.wait_ms(rate)
    return "" if wait is None else f"{wait:,.1f} ms"
