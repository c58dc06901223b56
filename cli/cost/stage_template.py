"""The resources and limits of a stage, read from its templates."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.cost.ordered_stream import StreamTemplate
from infrastructure.alarm_kinds import ROWS
from infrastructure.observability.alarm_row import AlarmRow

ANOMALY_BAND_METRICS = 2
"""An alarm on an anomaly band is billed as three metrics: the metric and the band's two limits."""

ESSENTIAL = tuple(f"-{row.name}" for row in ROWS if isinstance(row, AlarmRow) and row.is_essential)
"""The ends of the names of essential alarms."""

BILLED_BY_THE_MONTH = (
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTemplate:
    """One function, without the stage's prefix in its name."""

    memory_mb: int
    architecture: str
    is_traced: bool
    has_platform_logs: bool
    """Whether Lambda logs the start and the report of each invocation."""
    batch_size: int | None = None
    """The batch size of its event source mapping; None if it has none."""
    is_queue_consumer: bool = False
    concurrency: int | None = None
    """Maximum concurrent invocations for its queue, or for one shard of its stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTemplate:
    """One stage's resources."""

    functions: Mapping[str, FunctionTemplate]
    resources: Mapping[str, int]
    """The number of resources that are billed by the month, by type."""
    alarm_metrics: int
    """Metrics that alarms read; CloudWatch bills each."""
    essential_alarm_metrics: int
    """Metrics of the alarms that a stage with `alarms.selection` of `essential` keeps."""
    api_rate_limit: int
    api_burst_limit: int
    provisioned_units: Mapping[str, int]
    """The least units of all tables and indexes, `read` and `write`; empty if they are on demand."""
    target_use: float | None
    """The share of provisioned units that autoscaling keeps in use."""
    has_backups: bool
    sales_shards: int = 1
    """Partitions of the sales of a day."""
    stream: StreamTemplate | None = None
    """The ordered stream, if there is one."""

    @property
    def is_provisioned(self) -> bool:
        """Whether the tables have provisioned capacity instead of on-demand."""
        return bool(self.provisioned_units)


def read_templates(assembly: Path, prefix: str) -> StageTemplate:
    """Read every template of an assembly; `prefix` begins the functions' names."""
    documents = [json.loads(path.read_text()) for path in sorted(assembly.glob("*.template.json"))]
    resources = [each for document in documents for each in document["Resources"].values()]
    kinds = [each["Type"] for each in resources]
    route = next(_properties(resources, "AWS::ApiGatewayV2::Stage"))["DefaultRouteSettings"]
    tables = list(_properties(resources, "AWS::DynamoDB::Table"))
    alarms = list(_properties(resources, "AWS::CloudWatch::Alarm"))
    return StageTemplate(
        functions={
            name.removeprefix(f"{prefix}-"): function
            for document in documents
            for name, function in _functions(document["Resources"])
        },
        resources={kind: kinds.count(kind) for kind in BILLED_BY_THE_MONTH},
        alarm_metrics=sum(map(_metrics, alarms)),
        essential_alarm_metrics=sum(map(_metrics, filter(_is_essential, alarms))),
        api_rate_limit=route["ThrottlingRateLimit"],
        api_burst_limit=route["ThrottlingBurstLimit"],
        provisioned_units=_provisioned_units(tables),
        target_use=_target_use(resources),
        has_backups=any(
            table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled")
            for table in tables
        ),
        sales_shards=_sales_shards(resources),
        stream=next(map(StreamTemplate.of, _properties(resources, "AWS::Kinesis::Stream")), None),
    )


def _properties(resources: list[dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    return (each["Properties"] for each in resources if each["Type"] == kind)


def _provisioned_units(tables: list[dict[str, Any]]) -> dict[str, int]:
    parts = [part for table in tables for part in (table, *table.get("GlobalSecondaryIndexes", ()))]
    given = [part["ProvisionedThroughput"] for part in parts if "ProvisionedThroughput" in part]
    if not given:
        return {}
    names = {"read": "ReadCapacityUnits", "write": "WriteCapacityUnits"}
    return {kind: sum(int(each[name]) for each in given) for kind, name in names.items()}


def _target_use(resources: list[dict[str, Any]]) -> float | None:
    policy = next(_properties(resources, "AWS::ApplicationAutoScaling::ScalingPolicy"), None)
    if policy is None:
        return None
    return float(policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]) / 100


def _sales_shards(resources: list[dict[str, Any]]) -> int:
    functions = _properties(resources, "AWS::Lambda::Function")
    variables = (each.get("Environment", {}).get("Variables", {}) for each in functions)
    return max((int(each["SALES_SHARDS"]) for each in variables if "SALES_SHARDS" in each), default=1)


def _is_essential(alarm: dict[str, Any]) -> bool:
    """Whether it is essential; the name of a canary's alarm, which is not, is an expression."""
    name = alarm["AlarmName"]
    return isinstance(name, str) and name.endswith(ESSENTIAL)


def _metrics(alarm: dict[str, Any]) -> int:
    """Return the number of metrics that an alarm is billed for."""
    parts = alarm.get("Metrics", [])
    read = sum("MetricStat" in part for part in parts) or 1
    return read + ANOMALY_BAND_METRICS * sum("ANOMALY" in part.get("Expression", "") for part in parts)


def _functions(resources: dict[str, Any]) -> Iterator[tuple[str, FunctionTemplate]]:
    mappings = {
        _function_of(each["Properties"]["FunctionName"], resources): each["Properties"]
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::EventSourceMapping"
    }
    for logical_id, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Function":
            yield (
                resource["Properties"]["FunctionName"],
                _function(resource["Properties"], mappings.get(logical_id, {})),
            )


def _function(function: dict[str, Any], mapping: dict[str, Any]) -> FunctionTemplate:
    scaling = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
    return FunctionTemplate(
        memory_mb=function.get("MemorySize", 128),
        architecture=function.get("Architectures", ["x86_64"])[0],
        is_traced=function.get("TracingConfig", {}).get("Mode") == "Active",
        has_platform_logs=function.get("LoggingConfig", {}).get("SystemLogLevel", "INFO") != "WARN",
        batch_size=mapping.get("BatchSize"),
        is_queue_consumer=bool(mapping) and "StartingPosition" not in mapping,
        concurrency=scaling or mapping.get("ParallelizationFactor"),
    )


def _function_of(reference: object, resources: dict[str, Any]) -> str:
    """Return the logical id of the function behind a mapping's alias."""
    text = json.dumps(reference)
    for logical_id, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Alias" and f'"{logical_id}"' in text:
            return str(resource["Properties"]["FunctionName"]["Ref"])
    raise LookupError(f"the mapping of {text} names no alias of its stack")
