"""CloudWatch: moto keeps the alarms, if they can be evaluated here; what was measured is in `Metrics`."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from pocketcloud.cloudwatch.alarm_condition import watch_of
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
_STATISTICS = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")


def seams(metrics: Metrics) -> list[MotoPatch]:
    """What of moto's CloudWatch is replaced."""

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
        _alarms(),
        composite_alarms(),
    ]


def composite_alarms() -> MotoPatch:
    """Moto keeps an alarm with a rule as a composite one, but does not know the action that makes it."""
    put_metric_alarm = CloudWatchResponse.put_metric_alarm

    def put_composite_alarm(response: CloudWatchResponse, _: Call) -> ActionResult:
        return put_metric_alarm(response)

    return MotoPatch(CloudWatchResponse, "put_composite_alarm", ABSENT, put_composite_alarm)


def _alarms() -> MotoPatch:
    original = CloudWatchBackend.put_metric_alarm

    def put_metric_alarm(backend: CloudWatchBackend, call: Call) -> Alarm:
        if call.get("rule") is not None:
            _check_rule(backend, call["rule"])
        alarm = original(backend, **call)
        if alarm.rule is None:
            try:
                watch_of(alarm)
            except UnsupportedOfflineError:
                del backend.alarms[alarm.name]
                raise
        return alarm

    return MotoPatch(CloudWatchBackend, "put_metric_alarm", _PUT_METRIC_ALARM, put_metric_alarm)


def _check_rule(backend: CloudWatchBackend, text: str) -> None:
    """Raise as CloudWatch does if a composite alarm's rule is wrong, or about alarms that are not there."""
    try:
        missing = sorted(CompositeRule(text).alarms - set(backend.alarms))
    except InvalidRuleError as error:
        raise ValidationError(f"AlarmRule: {error}") from error
    if missing:
        raise ValidationError(f"AlarmRule names alarms that do not exist: {', '.join(missing)}")


def _series(
    query: dict[str, Any], metrics: Metrics, start: datetime, end: datetime, *, newest_first: bool
) -> dict[str, Any]:
    """The statistic of every period in which something was measured."""
    if "MetricStat" not in query:
        raise UnsupportedOfflineError(f"GetMetricData {query['Id']}: expressions are not carried out offline")
    asked = query["MetricStat"]
    if asked["Stat"] not in _STATISTICS:
        raise UnsupportedOfflineError(
            f"GetMetricData: the statistic {asked['Stat']} is not carried out offline"
        )
    period = timedelta(seconds=int(asked["Period"]))
    if period % MINUTE:
        raise UnsupportedOfflineError("GetMetricData: offline, a period is of whole minutes")
    points = []
    at = _whole(start, period)
    while at < end:
        found = metrics.measured(_metric(asked["Metric"]), at, at + period)
        if found is not None:
            points.append((at, found.statistic(asked["Stat"])))
        at += period
    points.sort(reverse=newest_first)
    return {
        "id": query["Id"],
        "label": query.get("Label") or asked["Metric"]["MetricName"],
        "values": [value for _, value in points],
        "timestamps": [time for time, _ in points],
        "status_code": "Complete",
    }


def _metric(asked: dict[str, Any]) -> Metric:
    dimensions = {each["Name"]: each["Value"] for each in asked.get("Dimensions", [])}
    return Metric.of(asked["Namespace"], asked["MetricName"], **dimensions)


def _utc(time: datetime) -> datetime:
    """The same time, in the zone that moto leaves out."""
    return time.replace(tzinfo=UTC)


def _whole(start: datetime, period: timedelta) -> datetime:
    """The beginning of the period in which `start` lies."""
    return start - timedelta(seconds=start.timestamp() % period.total_seconds())
