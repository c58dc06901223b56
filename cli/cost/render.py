"""Print the bill in a terminal."""

from collections.abc import Iterator, Mapping

from cli.core.terminal_text import Terminal
from cli.cost.bill import EMAIL_SERVICE, Bill
from cli.cost.report import NOT_INCLUDED, CostReport

BAR_COLUMNS = 24
DOLLARS = "dollars"
NUMBERS = frozenset({1})


def print_cost(console: Terminal, report: CostReport) -> None:
    """Print every table."""
    bill, prices = report.bill, report.prices
    console.print(
        f"A million orders cost {bill.orders:,.2f} dollars, {bill.without_emails:,.2f} without emails.",
        style="bold",
    )
    console.print(
        f"Stage {report.stage}, {report.scenario.fill:g} to a batch, "
        f"list prices of {prices.region} of {prices.oldest}."
    )
    if prices.unverified:
        console.print(f"{prices.unverified} prices were noted from memory: check cli/cost/data/prices.toml.")
    console.print()
    _print_bars(console, "By AWS service, a million orders", bill.by_service)
    _print_bars(console, "By function, a million orders without emails", bill.by_function)
    console.print_table(
        ("path", "share", "requests", "write units", DOLLARS),
        path_rows(report),
        title="By path, a million orders of each, without emails",
        right=frozenset(range(1, 5)),
    )
    _print_month(console, report)
    console.print_table(
        ("choice", "a million orders", "a month"),
        lever_rows(report),
        title="Savings of each choice alone",
        right=frozenset({1, 2}),
    )
    console.print()
    console.print("Not included:", style="italic")
    for each in NOT_INCLUDED:
        console.print(f"- {each}")


def path_rows(report: CostReport) -> Iterator[tuple[str, ...]]:
    """Yield each path with its share of orders, its counts and its price."""
    for name, path in report.counts.paths.items():
        share = f"{report.shares.get(name, 0.0):.1%}"
        dollars = f"{report.bill.by_path[name]:,.2f}"
        yield name, share, str(path.requests), str(path.write_units), dollars


def month_rows(bill: Bill) -> Iterator[tuple[str, ...]]:
    """Yield what a month costs with any number of orders."""
    for name, dollars in bill.fixed.items():
        if dollars:
            yield name, f"{dollars:,.2f}"


def lever_rows(report: CostReport) -> Iterator[tuple[str, ...]]:
    """Yield what each choice saves."""
    for lever in report.levers():
        yield lever.name, f"{lever.per_million:,.2f}", f"{lever.per_month:,.2f}"


def bars(dollars: Mapping[str, float], block: str = "█") -> Iterator[tuple[str, str, str]]:
    """Yield each name with its dollars and a bar; emails would hide the others, so their bar is cut."""
    others = [amount for name, amount in dollars.items() if name != EMAIL_SERVICE]
    longest = max(others, default=0.0) or 1.0
    for name, amount in dollars.items():
        length = min(amount / longest, 1.0) * BAR_COLUMNS
        bar = block * round(length)
        yield name, f"{amount:,.2f}", f"{bar}…" if amount > longest else bar


def _print_bars(console: Terminal, title: str, dollars: Mapping[str, float]) -> None:
    block = "#" if console.options.ascii_only else "█"
    console.print_table(("", DOLLARS, ""), bars(dollars, block), title=title, right=NUMBERS)
    console.print()


def _print_month(console: Terminal, report: CostReport) -> None:
    bill, orders = report.bill, report.orders_per_month
    console.print()
    title = "A month, with any number of orders"
    console.print_table(("", DOLLARS), month_rows(bill), title=title, right=NUMBERS)
    console.print()
    console.print(f"Idle, the stage costs {bill.idle:,.2f} dollars a month.")
    console.print(f"With {orders:,} orders it costs {report.month:,.2f} dollars in the month.")
    console.print(f"Each million orders kept costs {bill.storage:,.2f} dollars of storage a month.")
    console.print()
