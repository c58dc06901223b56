"""CloudWatch: moto keeps the alarms; what was measured is in `Metrics`."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from offline.engine import UnsupportedOfflineError
from offline.metrics import MINUTE, Metric, Metrics
from offline.seams.seam import Call, Seam

_STATISTICS = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")


def seams(metrics: Metrics) -> list[Seam]:
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
    return [Seam(CloudWatchBackend, "get_metric_data", parameters, get_metric_data)]


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
