"""The tables of docs/cost.md and docs/scale.md, from the counts in benchmarks/budget.json."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from benchmarks.budget import read_budget
from cli.cost.assumptions import read_assumptions, shares_of
from cli.cost.bill import EMAIL_SERVICE, MILLION, Bill, bill_of
from cli.cost.counting.counts import Counts, FunctionCount
from cli.cost.levers import levers_of
from cli.cost.limits import limits_of
from cli.cost.prices import PriceList, read_prices
from cli.cost.queueing import Limit
from cli.cost.render import month_rows
from cli.cost.render_limits import HOURS_PER_MONTH
from cli.cost.report import NOT_INCLUDED
from cli.cost.stage_template import StageTemplate, read_templates
from cli.cost.usage import Scenario
from cli.demo.synthesis import current_assembly
from infrastructure.orderbus import ORDERBUS

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
FILLS = (1.0, 7.0, 10.0)
LOADED_FILL = 7.0
RATES = (100, 1_000, 10_000, 100_000)
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600
Rows = Iterable[Iterable[str]]


@cache
def template() -> StageTemplate:
    """Return the templates in cdk.out."""
    return read_templates(current_assembly(), "orderbus-dev")


@cache
def counts() -> Counts:
    """Return the committed counts."""
    return read_budget()


@cache
def bill(fill: float, region: str = REGION) -> Bill:
    """Return the bill of the default mix at that fill."""
    scenario = Scenario.of(template(), read_assumptions(), fill)
    return bill_of(counts(), shares(), scenario, PriceList.of(region))


@cache
def shares() -> dict[str, float]:
    """Return the default mix of outcomes."""
    return shares_of([], read_assumptions().mix, list(counts().paths))


def totals() -> Rows:
    """Yield a million orders by region and fill."""
    for region in read_prices()[0].dollars:
        bills = [bill(fill, region) for fill in FILLS]
        yield (region, *(_money(each.without_emails) for each in bills), _money(bills[0].orders))


def services() -> Rows:
    """Yield each AWS service at every fill."""
    for name in bill(FILLS[0]).by_service:
        yield (name, *(_money(bill(fill).by_service[name]) for fill in FILLS))


def functions() -> Rows:
    """Yield each function with its counts in a shipped order, and its share of the bill."""
    for name, dollars in bill(LOADED_FILL).by_function.items():
        counted = counts().paths["shipped"].functions.get(name, FunctionCount())
        units = counted.write_units + counted.index_units
        messages = counted.messages or counted.invocations
        numbers = (counted.requests, units, messages)
        yield (f"`{name}`", *map(str, numbers), _money(dollars))


def paths() -> Rows:
    """Yield each outcome with its budget and its price."""
    for name, path in counts().paths.items():
        share = f"{shares().get(name, 0.0):.1%}"
        numbers = (path.requests, path.write_units, path.read_units, path.events)
        dollars = bill(LOADED_FILL).by_path[name]
        emails = sum(each.calls.get("sesv2.SendEmail", 0) for each in path.functions.values())
        yield (f"`{name}`", share, *(f"{each:g}" for each in numbers), str(emails), _money(dollars))


def month() -> Rows:
    """Yield the fixed cost of the stage `dev`."""
    yield from month_rows(bill(1.0))
    yield "**idle, in all**", f"**{_money(bill(1.0).idle)}**"


def levers() -> Rows:
    """Yield what each choice saves in `dev`."""
    scenario = Scenario.of(template(), read_assumptions(), LOADED_FILL)
    for lever in levers_of(counts(), shares(), scenario, PriceList.of(REGION)):
        yield lever.name, _money(lever.per_million), _money(lever.per_month)


def not_included() -> Rows:
    """Yield what the prices leave open."""
    return ((each,) for each in NOT_INCLUDED)


@cache
def limits() -> list[Limit]:
    """Return the limits of the stage `prod`, with full queues."""
    stages = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["stages"]
    settings = ORDERBUS.stage("prod", stages).settings
    consumers = {
        name: replace(each, concurrency=settings.consumer_concurrency) if each.is_queue_consumer else each
        for name, each in template().functions.items()
    }
    stage = replace(template(), functions=consumers, api_rate_limit=settings.api.rate_limit)
    scenario = Scenario.of(stage, read_assumptions(), LOADED_FILL)
    return limits_of(counts(), shares(), scenario, REGION)


def limit_rows() -> Rows:
    """Yield each limit of `prod`."""
    for limit in limits():
        rate = f"{limit.orders_per_second:,.0f}"
        yield limit.name, rate, limit.setting, f"{limit.value:,}", limit.lifted_by


def needed_rows() -> Rows:
    """Yield what each limit would have to be at every rate."""
    for limit in limits():
        needed = (limit.needed(rate) for rate in RATES)
        yield (limit.name, f"{limit.value:,}", *("" if n <= limit.value else f"{n:,}" for n in needed))


def lag_rows() -> Rows:
    """Yield the wait in each queue at every rate, with the settings of `prod`."""
    for limit in limits():
        if limit.service_ms is not None:
            yield (limit.name, f"{limit.service_ms:,.0f} ms", *(_lag(limit, rate) for rate in RATES))


def rate_rows() -> Rows:
    """Yield the price of a month at every rate."""
    scenario = Scenario.of(template(), read_assumptions(), LOADED_FILL)
    bought = replace(scenario, is_provisioned=True)
    provisioned = bill_of(counts(), shares(), bought, PriceList.of(REGION))
    on_demand = bill(LOADED_FILL)
    for rate in RATES:
        orders = rate * SECONDS_PER_MONTH
        emails = on_demand.by_service[EMAIL_SERVICE] * orders / MILLION
        months = (each.month(orders) - emails for each in (on_demand, provisioned))
        exceeded = sum(limit.use(rate) > 1 for limit in limits())
        yield (f"{rate:,}", f"{exceeded} of {len(limits())}", *(f"{each:,.0f}" for each in (*months, emails)))


def _lag(limit: Limit, rate: float) -> str:
    wait = limit.wait_ms(rate)
    return f"{wait:,.1f} ms" if wait is not None else f"+ {limit.excess_per_hour(rate):,} an hour"


def _money(dollars: float) -> str:
    return f"{dollars:,.2f}"


_FILLS = tuple(f"{fill:g} in a batch" for fill in FILLS)
_RATES = tuple(f"{rate:,}/s" for rate in RATES)
COST_TABLES: dict[str, tuple[tuple[str, ...], Callable[[], Rows]]] = {
    "cost-totals": (("region", *_FILLS, "with emails, 1 in a batch"), totals),
    "cost-services": (("service", *_FILLS), services),
    "cost-functions": (("function", "requests", "write units", "messages", "dollars"), functions),
    "cost-paths": (
        ("path", "share", "requests", "write units", "read units", "events", "emails", "dollars"),
        paths,
    ),
    "cost-month": (("in a month", "dollars"), month),
    "cost-levers": (("choice", "saves of a million orders", "saves of a month"), levers),
    "cost-not-included": (("not included",), not_included),
    "scale-limits": (("limit", "orders/s", "decided by", "value", "lifted by"), limit_rows),
    "scale-needed": (("limit", "now", *_RATES), needed_rows),
    "scale-lag": (("queue", "a batch takes", *_RATES), lag_rows),
    "scale-cost": (
        ("orders/s", "limits exceeded", "dollars a month", "with provisioned writes", "and for emails"),
        rate_rows,
    ),
}
"""The headers and rows of each table."""
