"""The savings of each lever, one at a time: the same counts, priced again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cli.cost.bill import bill_of
from cli.cost.counting.counts import Counts
from cli.cost.prices import PriceList
from cli.cost.usage import Scenario


@dataclass(frozen=True, slots=True)
class Lever:
    """A choice, and what it saves."""

    name: str
    per_million: float
    """Dollars saved for each million orders."""
    per_month: float
    """Dollars saved in a month, with any number of orders."""


def levers_of(
    counts: Counts, shares: Mapping[str, float], scenario: Scenario, prices: PriceList
) -> list[Lever]:
    """Return the levers by their saving, largest first."""
    now = bill_of(counts, shares, scenario, prices)
    levers = []
    for name, other in _scenarios(scenario):
        then = bill_of(counts, shares, other, prices)
        saved = sum(now.fixed.values()) - sum(then.fixed.values())
        levers.append(Lever(name, now.orders - then.orders, saved))
    return sorted(levers, key=lambda lever: (-lever.per_million, -lever.per_month))


def _scenarios(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """Yield every choice that the stage has not made already."""
    # A setting that the templates make is measured already; what they leave open is priced here.
    largest = max((each.batch_size or 1) for each in scenario.stage.functions.values())
    if scenario.fill < largest:
        yield "full batches, up to each mapping's size", replace(scenario, fill=float(largest))
    if not scenario.is_provisioned:
        yield "provisioned write capacity with autoscaling", replace(scenario, is_provisioned=True)
    if any(each.has_platform_logs for each in scenario.stage.functions.values()):
        yield "no platform log lines (system log level WARN)", replace(scenario, has_platform_logs=False)
    yield "no log lines about messages", replace(scenario, message_log_share=0.0)
    if any(each.is_traced for each in scenario.stage.functions.values()):
        yield "no tracing", replace(scenario, is_traced=False)
    yield "rules straight to queues, without topics", replace(scenario, has_topics=False)
    if scenario.stage.essential_alarm_metrics < scenario.stage.alarm_metrics:
        yield "only the essential alarms", with_alarms(scenario, scenario.stage.essential_alarm_metrics)
    yield "no alarms", with_alarms(scenario, 0)
    if scenario.stage.resources.get("AWS::CloudWatch::Dashboard"):
        yield "no dashboards", _without(scenario, "AWS::CloudWatch::Dashboard")


def with_alarms(scenario: Scenario, metrics: int) -> Scenario:
    """Return the scenario with alarms on so many metrics, and without composite alarms."""
    fewer = replace(scenario, stage=replace(scenario.stage, alarm_metrics=metrics))
    return _without(fewer, "AWS::CloudWatch::CompositeAlarm")


def _without(scenario: Scenario, resource: str) -> Scenario:
    resources = {kind: number for kind, number in scenario.stage.resources.items() if kind != resource}
    return replace(scenario, stage=replace(scenario.stage, resources=resources))
