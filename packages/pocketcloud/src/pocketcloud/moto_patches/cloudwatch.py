"""CloudWatch: moto stores the alarms; `Metrics` stores the data points."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricDatum
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from pocketcloud.cloudwatch.alarm_condition import condition_of
from pocketcloud.cloudwatch.alarm_rule import CompositeRule, InvalidRuleError
from pocketcloud.cloudwatch.metrics import MINUTE, Metric, Metrics
from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.moto_patches.moto_patch import ABSENT, Call, MotoPatch

_PUT_METRIC_ALARM = (
    "self name namespace metric_name comparison_operator evaluation_periods period threshold statistic "
    "description dimensions alarm_actions metric_data_queries datapoints_to_alarm extended_statistic "
    "ok_actions insufficient_data_actions unit actions_enabled treat_missing_data "
    "evaluate_low_sample_count_percentile threshold_metric_id rule tags"
)
_ACTIONS = frozenset({"lambda", "sns"})
"""The services that an alarm can notify."""
_MAXIMUM_SAMPLES = 10_000
_STATISTICS = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")


def patches(metrics: Metrics) -> list[MotoPatch]:
    """Return the patches to moto's CloudWatch."""

    def get_metric_data(_: CloudWatchBackend, call: Call) -> list[dict[str, Any]]:
        newest_first = call.get("scan_by") != "TimestampAscending"
        return [
            _series(
                query, metrics, _utc(call["start_time"]), _utc(call["end_time"]), newest_first=newest_first
            )
            for query in call["queries"]
        ]

    parameters = "self queries start_time end_time scan_by"
    return [
        MotoPatch(CloudWatchBackend, "get_metric_data", parameters, get_metric_data),
        *_metric_patches(metrics),
        _alarms(),
        composite_alarms(),
    ]


def _metric_patches(metrics: Metrics) -> list[MotoPatch]:
    """Let PutMetricData record, and ListMetrics and GetMetricStatistics read, what alarms see."""
    original = CloudWatchBackend.put_metric_data

    def put_metric_data(backend: CloudWatchBackend, call: Call) -> None:
        original(backend, **call)
        backend.metric_data.clear()
        for member in call["metric_data"]:
            metric = _metric({**member, "Namespace": call["namespace"]})
            at = _utc(member["Timestamp"]) if member.get("Timestamp") else None
            for value in _values(member):
                metrics.put(metric, value, at=at)

    def get_all_metrics(_: CloudWatchBackend, __: Call) -> list[MetricDatum]:
        return [
            MetricDatum(metric.namespace, metric.name, value, _dimensions(metric), _naive(minute))
            for metric, minute, values in metrics.points()
            for value in values
        ]

    return [
        MotoPatch(CloudWatchBackend, "put_metric_data", "self namespace metric_data", put_metric_data),
        MotoPatch(CloudWatchBackend, "get_all_metrics", "self", get_all_metrics),
    ]


def _values(member: dict[str, Any]) -> list[float]:
    """Return the single values of a member; for a set of statistics, values that have the same ones."""
    if member.get("Values"):
        counts = member.get("Counts") or [1] * len(member["Values"])
        pairs = zip(member["Values"], counts, strict=True)
        return [float(value) for value, count in pairs for _ in range(int(float(count)))]
    if "StatisticValues" not in member:
        return [float(member["Value"])]
    given = {name: float(value) for name, value in member["StatisticValues"].items()}
    count = int(given["SampleCount"])
    if count > _MAXIMUM_SAMPLES:
        raise UnsupportedOfflineError(f"PutMetricData: {count} samples in one set are not supported offline")
    edges = [given["Minimum"], given["Maximum"]][:count]
    inner = count - len(edges)
    return [*edges, *([(given["Sum"] - sum(edges)) / inner] * inner if inner else ())]


def _dimensions(metric: Metric) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted(metric.dimensions)]


def _naive(time: datetime) -> datetime:
    """Return a time in UTC without its zone, as moto compares it."""
    return time.astimezone(UTC).replace(tzinfo=None)


def composite_alarms() -> MotoPatch:
    """Add the PutCompositeAlarm action; moto can store composite alarms but lacks the action."""
    put_metric_alarm = CloudWatchResponse.put_metric_alarm

    def put_composite_alarm(response: CloudWatchResponse, _: Call) -> ActionResult:
        return put_metric_alarm(response)

    return MotoPatch(CloudWatchResponse, "put_composite_alarm", ABSENT, put_composite_alarm)


def _alarms() -> MotoPatch:
    original = CloudWatchBackend.put_metric_alarm

    def put_metric_alarm(backend: CloudWatchBackend, call: Call) -> Alarm:
        if call.get("rule") is not None:
            _check_rule(backend, call["rule"])
        _check_actions(call)
        alarm = original(backend, **call)
        if alarm.rule is None:
            try:
                condition_of(alarm)
            except UnsupportedOfflineError:
                del backend.alarms[alarm.name]
                raise
        return alarm

    return MotoPatch(CloudWatchBackend, "put_metric_alarm", _PUT_METRIC_ALARM, put_metric_alarm)


def _check_actions(call: Call) -> None:
    for kind in ("alarm_actions", "ok_actions", "insufficient_data_actions"):
        for arn in call.get(kind) or ():
            if arn.split(":")[2] not in _ACTIONS:
                raise UnsupportedOfflineError(
                    f"alarm {call['name']}: the action {arn} is not supported offline"
                )


def _check_rule(backend: CloudWatchBackend, text: str) -> None:
    """Raise ValidationError if a composite alarm's rule is invalid or refers to missing alarms."""
    try:
        missing = sorted(CompositeRule(text).alarms - set(backend.alarms))
    except InvalidRuleError as error:
        raise ValidationError(f"AlarmRule: {error}") from error
    if missing:
        raise ValidationError(f"AlarmRule names alarms that do not exist: {', '.join(missing)}")


def _series(
    query: dict[str, Any], metrics: Metrics, start: datetime, end: datetime, *, newest_first: bool
) -> dict[str, Any]:
    """Return the statistic of every period that has data points."""
    if "MetricStat" not in query:
        raise UnsupportedOfflineError(f"GetMetricData {query['Id']}: expressions are not supported offline")
    wanted = query["MetricStat"]
    if wanted["Stat"] not in _STATISTICS:
        raise UnsupportedOfflineError(
            f"GetMetricData: the statistic {wanted['Stat']} is not supported offline"
        )
    period = timedelta(seconds=int(wanted["Period"]))
    if period % MINUTE:
        raise UnsupportedOfflineError("GetMetricData: only periods of whole minutes are supported offline")
    points = []
    at = _period_start(start, period)
    while at < end:
        found = metrics.measured(_metric(wanted["Metric"]), at, at + period)
        if found is not None:
            points.append((at, found.statistic(wanted["Stat"])))
        at += period
    points.sort(reverse=newest_first)
    return {
        "id": query["Id"],
        "label": query.get("Label") or wanted["Metric"]["MetricName"],
        "values": [value for _, value in points],
        "timestamps": [time for time, _ in points],
        "status_code": "Complete",
    }


def _metric(wanted: dict[str, Any]) -> Metric:
    dimensions = {each["Name"]: each["Value"] for each in wanted.get("Dimensions", [])}
    return Metric.of(wanted["Namespace"], wanted["MetricName"], **dimensions)


def _utc(time: datetime) -> datetime:
    """Add the time zone, which moto omits."""
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _period_start(start: datetime, period: timedelta) -> datetime:
    """Return the start of the period that contains `start`."""
    return start - timedelta(seconds=start.timestamp() % period.total_seconds())
