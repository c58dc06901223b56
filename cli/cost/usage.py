"""Billing units of one order by function, for a batch fill and a choice of settings. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass

from cli.cost.assumptions import Assumptions
from cli.cost.counting.counts import Counts, FunctionCount, PathCount
from cli.cost.log_bytes import LogBytes
from cli.cost.prices import SECONDS_PER_HOUR
from cli.cost.stage_template import StageTemplate

GIGA = 1e9
MEBIBYTES_PER_GIBIBYTE = 1024
MAXIMUM_ENTRIES = 10
"""Maximum entries of PutEvents: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html"""
RECEIVE_AND_DELETE = 2
"""SQS requests of one batch."""
RELAY = "relay"
STREAM = "stream"
"""The function that puts events on the ordered stream."""
PUT_EVENTS = "events.PutEvents"

Usage = Mapping[str, Mapping[str, float]]
"""Units by function and kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything besides the counts that changes the price of an order."""

    stage: StageTemplate
    assumptions: Assumptions
    fill: float = 1.0
    """The mean number of messages of an invocation, up to the mapping's batch size."""
    has_platform_logs: bool = True
    message_log_share: float = 1.0
    """Share of the counted log lines about messages that are written."""
    is_traced: bool = True
    is_provisioned: bool = False
    has_topics: bool = True

    @classmethod
    def of(cls, stage: StageTemplate, assumptions: Assumptions, fill: float) -> "Scenario":
        """Return the stage as its templates are."""
        return cls(stage=stage, assumptions=assumptions, fill=fill, is_provisioned=stage.is_provisioned)

    def batch(self, function: str) -> float:
        """Return the messages of one invocation; 1 for a function without a mapping."""
        size = self.stage.functions[function].batch_size
        return 1.0 if size is None else min(self.fill, size)


def usage_of(path: PathCount, scenario: Scenario) -> Usage:
    """Return the units of one order."""
    used = {name: _function(name, count, scenario) for name, count in path.functions.items()}
    entry = next((name for name in path.functions if name.endswith("-api")), RELAY)
    gigabytes = path.http_requests * scenario.assumptions.bytes["access_log"] / GIGA
    _add(used, entry, {"http_api_requests": path.http_requests, "logs_gb": gigabytes})
    bus = {
        "eventbridge_events": path.events,
        "eventbridge_archive_gb": path.event_bytes / GIGA,
        "sns_publishes": path.publishes * scenario.has_topics,
    }
    _add(used, RELAY, bus)
    if scenario.stage.stream:
        _add(used, STREAM, scenario.stage.stream.units(path.stream_payload_units, path.stream_kibibytes))
    return used


def invocations_of(name: str, count: FunctionCount, scenario: Scenario) -> float:
    """Return the invocations at that fill; a batching window fills batches even of a single order."""
    if not count.messages:
        return count.invocations
    return min(count.invocations, count.messages / scenario.batch(name))


def milliseconds_of(name: str, count: FunctionCount, scenario: Scenario) -> float:
    """Return the time of all invocations for one order."""
    assumed = scenario.assumptions
    entries = min(scenario.batch(name), MAXIMUM_ENTRIES)
    calls = sum(
        number / (entries if call == PUT_EVENTS else 1) * assumed.call_ms(call)
        for call, number in count.calls.items()
    )
    return invocations_of(name, count, scenario) * assumed.milliseconds["invocation"] + calls


def log_bytes_of_order(counts: Counts, shares: Mapping[str, float], scenario: Scenario) -> LogBytes:
    """Return the mean of that mix of paths."""
    total = LogBytes()
    for name, share in shares.items():
        total = total.plus(log_bytes_of_path(counts.paths[name], scenario).times(share))
    return total


def log_bytes_of_path(path: PathCount, scenario: Scenario) -> LogBytes:
    """Return the bytes of one order on that path."""
    total = LogBytes(access=path.http_requests * scenario.assumptions.bytes["access_log"])
    for name, count in path.functions.items():
        total = total.plus(log_bytes_of_function(count, invocations_of(name, count, scenario), scenario))
    return total


def _function(name: str, count: FunctionCount, scenario: Scenario) -> dict[str, float]:
    template, invocations = scenario.stage.functions[name], invocations_of(name, count, scenario)
    seconds = milliseconds_of(name, count, scenario) / 1000
    polls = count.messages + RECEIVE_AND_DELETE * invocations if template.is_queue_consumer else 0
    is_traced = template.is_traced and scenario.is_traced
    return {
        "lambda_requests": invocations,
        f"lambda_gb_seconds_{template.architecture}": seconds * template.memory_mb / MEBIBYTES_PER_GIBIBYTE,
        **_write(count.write_units + count.index_units, scenario),
        "dynamodb_read_units": count.read_units,
        "sqs_requests": polls + sum(n for call, n in count.calls.items() if call.startswith("sqs.")),
        "emails": count.calls.get("sesv2.SendEmail", 0),
        "logs_gb": log_bytes_of_function(count, invocations, scenario).total / GIGA,
        "xray_traces": invocations * scenario.assumptions.shares["traces"] * is_traced,
    }


def _write(units: int, scenario: Scenario) -> dict[str, float]:
    if not scenario.is_provisioned:
        return {"dynamodb_write_units": units}
    utilisation = scenario.stage.target_use or scenario.assumptions.shares["write_utilisation"]
    return {"dynamodb_provisioned_write_hours": units / SECONDS_PER_HOUR / utilisation}


def log_bytes_of_function(count: FunctionCount, invocations: float, scenario: Scenario) -> LogBytes:
    """Return the bytes of one order; lines of an invocation are shared by the orders of its batch."""
    batches = invocations / count.invocations if count.invocations else 1.0
    return LogBytes(
        messages=count.message_log_bytes * scenario.message_log_share,
        metrics=count.order_metric_log_bytes + count.metric_log_bytes * batches,
        platform=count.platform_log_bytes * batches * scenario.has_platform_logs,
    )


def _add(used: dict[str, dict[str, float]], name: str, units: Mapping[str, float]) -> None:
    mine = used.setdefault(name, {})
    for unit, quantity in units.items():
        mine[unit] = mine.get(unit, 0.0) + quantity
