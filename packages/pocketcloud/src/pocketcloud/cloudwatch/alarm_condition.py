"""The condition of a metric alarm: one metric's statistic compared with a threshold or a band."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from moto.cloudwatch.models import Alarm, MetricStat

from pocketcloud.cloudwatch.anomaly_band import HISTORY, AnomalyBand, band_of
from pocketcloud.cloudwatch.metrics import Metric, Metrics
from pocketcloud.core.engine import UnsupportedOfflineError

BAND = re.compile(r"ANOMALY_DETECTION_BAND\((?P<id>\w+),\s*(?P<width>[0-9.]+)\)")
STATISTIC = re.compile(r"Sum|Average|Minimum|Maximum|SampleCount|p[0-9]{1,2}(\.[0-9]+)?")

Breach = Callable[[float, AnomalyBand], bool]
_BREACHES: Mapping[str, Breach] = {
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit.upper,
    "GreaterThanThreshold": lambda value, limit: value > limit.upper,
    "LessThanThreshold": lambda value, limit: value < limit.lower,
    "LessThanOrEqualToThreshold": lambda value, limit: value <= limit.lower,
    "GreaterThanUpperThreshold": lambda value, limit: value > limit.upper,
    "LessThanLowerThreshold": lambda value, limit: value < limit.lower,
    "LessThanLowerOrGreaterThanUpperThreshold": lambda value, limit: not limit.lower <= value <= limit.upper,
}


@dataclass(frozen=True, slots=True)
class AlarmCondition:
    """The condition of a metric alarm."""

    metric: Metric
    period: timedelta
    statistic: str
    breaches: Breach
    threshold: float | None
    width: float
    """Width of the band in standard deviations, used without a threshold."""

    def value(self, metrics: Metrics, end: datetime) -> float | None:
        """Return the statistic of the period that ends at `end`; None if it has no data."""
        found = metrics.measured(self.metric, end - self.period, end)
        return None if found is None else found.statistic(self.statistic)

    def is_breached(self, value: float, metrics: Metrics, end: datetime) -> bool:
        """Return whether the value of the period that ends at `end` breaches the limit."""
        limit = self._limit(metrics, end)
        return limit is not None and self.breaches(value, limit)

    def _limit(self, metrics: Metrics, end: datetime) -> AnomalyBand | None:
        if self.threshold is not None:
            return AnomalyBand(self.threshold, self.threshold)
        ends = [end - index * self.period for index in range(1, HISTORY // self.period + 1)]
        past = [value for each in ends if (value := self.value(metrics, each)) is not None]
        return band_of(past, period=self.period, width=self.width)


def condition_of(alarm: Alarm) -> AlarmCondition:
    """Return an alarm's condition; raise UnsupportedOfflineError if it is unsupported."""
    if alarm.metric_data_queries:
        return _of_band(alarm)
    statistic = alarm.extended_statistic or alarm.statistic
    return AlarmCondition(
        metric=_metric(alarm.namespace, alarm.metric_name, alarm.dimensions),
        period=timedelta(seconds=int(alarm.period)),
        statistic=_known(alarm, statistic),
        breaches=_BREACHES[alarm.comparison_operator],
        threshold=float(alarm.threshold),
        width=0,
    )


def _of_band(alarm: Alarm) -> AlarmCondition:
    """Read the only supported form of metric math: a metric and its anomaly detection band."""
    expressions = {query.id: query.expression for query in alarm.metric_data_queries if query.expression}
    stats = {query.id: query.metric_stat for query in alarm.metric_data_queries if query.metric_stat}
    band = BAND.fullmatch(expressions.pop(str(alarm.threshold_metric_id), ""))
    if expressions or band is None or set(stats) != {band["id"]}:
        raise UnsupportedOfflineError(
            f"alarm {alarm.name}: the only supported metric math is the anomaly band of one metric"
        )
    stat: MetricStat = stats[band["id"]]
    return AlarmCondition(
        metric=_metric(stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions),
        period=timedelta(seconds=int(stat.period)),
        statistic=_known(alarm, stat.stat),
        breaches=_BREACHES[alarm.comparison_operator],
        threshold=None,
        width=float(band["width"]),
    )


def _known(alarm: Alarm, statistic: str) -> str:
    if not STATISTIC.fullmatch(statistic):
        raise UnsupportedOfflineError(
            f"alarm {alarm.name}: the statistic {statistic} is not supported offline"
        )
    return statistic


def _metric(namespace: str, name: str, dimensions: object) -> Metric:
    pairs = frozenset((str(each.name), str(each.value)) for each in dimensions)  # type: ignore[attr-defined]  # moto's
    return Metric(namespace, name, pairs)
