"""Dollars: of a million orders by service, function and path, and of a stage in a month. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cli.cost.counting.counts import Counts
from cli.cost.prices import PriceList
from cli.cost.stage_template import StageTemplate
from cli.cost.usage import GIGA, Scenario, Usage, usage_of

MILLION = 1_000_000
HOURS_PER_MONTH = 730
MINUTES_PER_MONTH = HOURS_PER_MONTH * 60
EMAILS = "emails"
EMAIL_SERVICE = "SES"
STANDING_METRICS = "custom metrics, while orders flow"

Dollars = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Dollars for each million orders; fixed ones for each month."""

    by_service: Dollars
    by_function: Dollars
    """Without emails."""
    by_path: Dollars
    """A million orders of that path alone, without emails."""
    fixed: Dollars
    """The cost of a stage in a month, with any number of orders."""
    storage: float
    """A month of the rows of a million orders that are kept."""

    @property
    def orders(self) -> float:
        """A million orders, with emails."""
        return sum(self.by_service.values())

    @property
    def without_emails(self) -> float:
        """A million orders, without SES."""
        return self.orders - self.by_service.get(EMAIL_SERVICE, 0.0)

    @property
    def idle(self) -> float:
        """A month without orders."""
        return sum(dollars for name, dollars in self.fixed.items() if name != STANDING_METRICS)

    def month(self, orders: float) -> float:
        """Return a month with that many orders, whose rows are kept for the month."""
        return sum(self.fixed.values()) + orders / MILLION * (self.orders + self.storage)


def bill_of(counts: Counts, shares: Mapping[str, float], scenario: Scenario, prices: PriceList) -> Bill:
    """Return the bill of that mix of paths."""
    by_service: defaultdict[str, float] = defaultdict(float)
    by_function: defaultdict[str, float] = defaultdict(float)
    by_path = {}
    for name, path in counts.paths.items():
        usage = usage_of(path, scenario)
        charged = dollars_of(usage, prices)
        by_path[name] = (sum(charged.values()) - charged[EMAIL_SERVICE]) * MILLION
        for function, units in usage.items():
            for unit, quantity in units.items():
                dollars = prices.dollars(unit, quantity) * MILLION * shares.get(name, 0.0)
                by_service[prices.service(unit)] += dollars
                by_function[function] += dollars * (unit != EMAILS)
    return Bill(
        by_service=_descending(by_service),
        by_function=_descending(by_function),
        by_path=by_path,
        fixed=fixed_dollars(counts, scenario, prices),
        storage=_storage(counts, shares, scenario.stage, prices),
    )


def dollars_of(usage: Usage, prices: PriceList) -> defaultdict[str, float]:
    """Return the dollars by service."""
    total: defaultdict[str, float] = defaultdict(float)
    for units in usage.values():
        for unit, quantity in units.items():
            total[prices.service(unit)] += prices.dollars(unit, quantity)
    return total


def fixed_dollars(counts: Counts, scenario: Scenario, prices: PriceList) -> Dollars:
    """Return what a month costs without an order, and the metrics that orders add."""
    stage = scenario.stage
    queues = sum(function.is_queue_consumer for function in stage.functions.values())
    polls = queues * scenario.assumptions.polling["polls_per_minute"] * MINUTES_PER_MONTH
    composites = stage.resources.get("AWS::CloudWatch::CompositeAlarm", 0)
    secrets = stage.resources.get("AWS::SecretsManager::Secret", 0)
    return {
        f"alarms ({stage.alarm_metrics} metrics)": prices.dollars("alarm_metrics", stage.alarm_metrics),
        f"composite alarms ({composites})": prices.dollars("composite_alarms", composites),
        "dashboards": prices.dollars("dashboards", stage.resources.get("AWS::CloudWatch::Dashboard", 0)),
        f"polling of queues ({queues})": prices.dollars("sqs_requests", polls),
        "minute schedules": _schedules(counts, scenario, prices),
        "custom metrics without orders": prices.dollars("metrics", counts.idle.metrics),
        STANDING_METRICS: prices.dollars("metrics", counts.metrics - counts.idle.metrics),
        "secrets": prices.dollars("secrets", secrets),
        "keys, without requests": prices.dollars("keys", stage.resources.get("AWS::KMS::Key", 0)),
        "least provisioned units": sum(
            prices.dollars(f"dynamodb_provisioned_{kind}_hours", units * HOURS_PER_MONTH)
            for kind, units in stage.provisioned_units.items()
        ),
        **(stage.stream.fixed(prices) if stage.stream else {}),
    }


def _schedules(counts: Counts, scenario: Scenario, prices: PriceList) -> float:
    usage = usage_of(counts.idle, scenario)
    return sum(
        sum(dollars_of({name: usage[name]}, prices).values()) * MINUTES_PER_MONTH / count.invocations
        for name, count in counts.idle.functions.items()
        if count.invocations
    )


def _storage(counts: Counts, shares: Mapping[str, float], stage: StageTemplate, prices: PriceList) -> float:
    stored = sum(counts.paths[name].stored_bytes * share for name, share in shares.items())
    archived = sum(counts.paths[name].event_bytes * share for name, share in shares.items())
    gigabytes = stored * MILLION / GIGA
    backups = prices.dollars("dynamodb_backup_gb_months", gigabytes) if stage.has_backups else 0.0
    archive = prices.dollars("eventbridge_archive_gb_months", archived * MILLION / GIGA)
    return prices.dollars("dynamodb_storage_gb_months", gigabytes) + backups + archive


def _descending(dollars: Mapping[str, float]) -> dict[str, float]:
    pairs: Iterable[tuple[str, float]] = sorted(dollars.items(), key=lambda pair: -pair[1])
    return {name: amount for name, amount in pairs if amount}
