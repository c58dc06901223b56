"""The tables of docs/cost.md and docs/scale.md, from the counts in benchmarks/budget.json."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.budget import read_budget, read_stages
from cli.cost.assumptions import read_assumptions, shares_of
from cli.cost.bill import EMAIL_SERVICE, HOURS_PER_MONTH, MILLION, Bill, bill_of
from cli.cost.counting.counts import Counts, FunctionCount
from cli.cost.levers import levers_of, with_alarms
from cli.cost.limits import limits_of
from cli.cost.prices import PriceList, read_prices
from cli.cost.queueing import Limit
from cli.cost.report import NOT_INCLUDED
from cli.cost.usage import Scenario, log_bytes_of_order
from infrastructure.orderbus import ORDERBUS

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
DEV, PROD = "dev", "prod"
FILLS = (1.0, 7.0, 10.0)
LOADED_FILL = 7.0
RATES = (100, 1_000, 10_000, 100_000)
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600
Rows = Iterable[Iterable[str]]


@cache
def scenario(stage: str, fill: float) -> Scenario:
    """Return a stage at that fill; the counts are those of `dev`, which logs every success."""
    settings = ORDERBUS.stage(stage, _stages()).settings
    assumed = Scenario.of(read_stages()[stage], read_assumptions(), fill)
    has_platform_logs = settings.platform_log_level == "INFO"
    return replace(assumed, message_log_share=settings.success_log_rate, has_platform_logs=has_platform_logs)


def _stages() -> dict[str, Any]:
    stages: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["stages"]
    return stages


@cache
def counts() -> Counts:
    """Return the committed counts."""
    return read_budget()


@cache
def bill(fill: float, region: str = REGION, stage: str = DEV) -> Bill:
    """Return the bill of the default mix at that fill."""
    return bill_of(counts(), shares(), scenario(stage, fill), PriceList.of(region))


@cache
def shares() -> dict[str, float]:
    """Return the default mix of outcomes."""
    return shares_of([], read_assumptions().mix, list(counts().paths))


def totals() -> Rows:
    """Yield a million orders by stage, region and fill."""
    for stage in _stages():
        for region in read_prices()[0].dollars:
            bills = [bill(fill, region, stage) for fill in FILLS]
            idle = _money(bills[0].idle)
            yield (f"`{stage}`", region, *(_money(each.without_emails) for each in bills), idle)


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


def log_bytes() -> Rows:
    """Yield the log bytes of an order by stage and fill."""
    for stage in _stages():
        for fill in FILLS:
            each = log_bytes_of_order(counts(), shares(), scenario(stage, fill))
            numbers = (each.messages, each.metrics, each.platform, each.of_functions, each.access)
            yield (f"`{stage}`", f"{fill:g}", *(f"{number:,.0f}" for number in numbers))


def month() -> Rows:
    """Yield the fixed cost of each stage."""
    bills = [bill(1.0, REGION, stage) for stage in _stages()]
    names = dict.fromkeys(kind_of(name) for each in bills for name in each.fixed)
    for name in names:
        row = [sum(d for fixed, d in each.fixed.items() if kind_of(fixed) == name) for each in bills]
        if any(row):
            yield (name, *map(_money, row))
    yield ("**idle, in all**", *(f"**{_money(each.idle)}**" for each in bills))
    yield (
        "idle, with essential alarms only",
        *(_money(idle_with_essential_alarms(each)) for each in _stages()),
    )


def idle_with_essential_alarms(stage: str) -> float:
    """Return the dollars of a month without orders, with `alarms.selection` of `essential`."""
    every = scenario(stage, 1.0)
    fewer = with_alarms(every, every.stage.essential_alarm_metrics)
    return bill_of(counts(), shares(), fewer, PriceList.of(REGION)).idle


def kind_of(fixed: str) -> str:
    """Return the name of a fixed cost without its number."""
    return fixed.partition(" (")[0]


def levers() -> Rows:
    """Yield what each choice saves in each stage; empty where the stage has made it."""
    prices = PriceList.of(REGION)
    found = []
    for stage in _stages():
        choices = levers_of(counts(), shares(), scenario(stage, LOADED_FILL), prices)
        found.append({lever.name: lever for lever in choices})
    for name in dict.fromkeys(name for each in found for name in each):
        saved = [each.get(name) for each in found]
        per_million = (_money(lever.per_million) if lever else "" for lever in saved)
        per_month = (_money(lever.per_month) if lever else "" for lever in saved)
        yield (name, *per_million, *per_month)


def not_included() -> Rows:
    """Yield what the prices leave open."""
    return ((each,) for each in NOT_INCLUDED)


@cache
def limits() -> list[Limit]:
    """Return the limits of the stage `prod`, with full queues."""
    return limits_of(counts(), shares(), scenario(PROD, LOADED_FILL), REGION)


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
    bought = replace(scenario(PROD, LOADED_FILL), is_provisioned=True)
    provisioned = bill_of(counts(), shares(), bought, PriceList.of(REGION))
    on_demand = bill(LOADED_FILL, REGION, PROD)
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
    "cost-totals": (("stage", "region", *_FILLS, "idle, a month"), totals),
    "cost-services": (("service", *_FILLS), services),
    "cost-functions": (("function", "requests", "write units", "messages", "dollars"), functions),
    "cost-paths": (
        ("path", "share", "requests", "write units", "read units", "events", "emails", "dollars"),
        paths,
    ),
    "cost-logs": (
        ("stage", "in a batch", "messages", "metrics", "Lambda's own", "in all", "access log"),
        log_bytes,
    ),
    "cost-month": (("in a month", "`dev`", "`prod`"), month),
    "cost-levers": (
        ("choice", "`dev`, a million", "`prod`, a million", "`dev`, a month", "`prod`, a month"),
        levers,
    ),
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
