"""The condition of a metric alarm: a measurement compared with a threshold or a band."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from moto.cloudwatch.models import Alarm, MetricStat

from pocketcloud.cloudwatch.anomaly_band import HISTORY, AnomalyBand, band_of
from pocketcloud.cloudwatch.measurements import AlarmMeasurement, MetricExpression, MetricStatistic
from pocketcloud.cloudwatch.metric_math import Expression, UnsupportedExpressionError
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

    measurement: AlarmMeasurement
    breaches: Breach
    threshold: float | None
    width: float
    """Width of the band in standard deviations, used without a threshold."""

    @property
    def period(self) -> timedelta:
        """The length of a period."""
        return self.measurement.period

    def value(self, metrics: Metrics, end: datetime) -> float | None:
        """Return the value of the period that ends at `end`; None if it has no data."""
        return self.measurement.value(metrics, end)

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
        return _of_queries(alarm)
    statistic = _known(alarm, alarm.extended_statistic or alarm.statistic)
    metric = _metric(alarm.namespace, alarm.metric_name, alarm.dimensions)
    return AlarmCondition(
        measurement=MetricStatistic(metric, timedelta(seconds=int(alarm.period)), statistic),
        breaches=_BREACHES[alarm.comparison_operator],
        threshold=float(alarm.threshold),
        width=0,
    )


def _of_queries(alarm: Alarm) -> AlarmCondition:
    """Read metric math: an expression or a metric compared with a threshold or with its band."""
    expressions = {query.id: query.expression for query in alarm.metric_data_queries if query.expression}
    measured: dict[str, AlarmMeasurement] = {
        query.id: _statistic(alarm, query.metric_stat)
        for query in alarm.metric_data_queries
        if query.metric_stat
    }
    limit = expressions.pop(str(alarm.threshold_metric_id), "")
    band = BAND.fullmatch(limit)
    if limit and band is None:
        raise UnsupportedOfflineError(f"alarm {alarm.name}: {limit} is not supported offline as its limit")
    try:
        _add_expressions(measured, expressions)
        shown = [query.id for query in alarm.metric_data_queries if str(query.return_data).lower() != "false"]
        name = band["id"] if band else next(each for each in shown if each in measured)
        measurement = measured[name]
    except (UnsupportedExpressionError, KeyError, StopIteration) as error:
        raise UnsupportedOfflineError(f"alarm {alarm.name}: metric math: {error}") from error
    return AlarmCondition(
        measurement=measurement,
        breaches=_BREACHES[alarm.comparison_operator],
        threshold=None if band else float(alarm.threshold),
        width=float(band["width"]) if band else 0,
    )


def _add_expressions(measured: dict[str, AlarmMeasurement], expressions: Mapping[str, str]) -> None:
    """Add each expression once everything in it is measured; raise KeyError for an unknown id."""
    waiting = {name: Expression.of(text) for name, text in expressions.items()}
    metrics = dict(measured)
    while waiting:
        ready = [name for name, each in waiting.items() if each.names <= measured.keys()]
        if not ready:
            raise KeyError(f"unknown ids in {', '.join(expressions.values())}")
        for name in ready:
            expression = waiting.pop(name)
            # METRICS() stands for all metrics, without expressions.
            parts = {each: measured[each] for each in expression.names} or metrics
            measured[name] = MetricExpression(expression, parts)


def _statistic(alarm: Alarm, stat: MetricStat) -> MetricStatistic:
    metric = _metric(stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions)
    return MetricStatistic(metric, timedelta(seconds=int(stat.period)), _known(alarm, stat.stat))


def _known(alarm: Alarm, statistic: str) -> str:
    if not STATISTIC.fullmatch(statistic):
        raise UnsupportedOfflineError(
            f"alarm {alarm.name}: the statistic {statistic} is not supported offline"
        )
    return statistic


def _metric(namespace: str, name: str, dimensions: object) -> Metric:
    pairs = frozenset((str(each.name), str(each.value)) for each in dimensions)  # type: ignore[attr-defined]  # moto's
    return Metric(namespace, name, pairs)
