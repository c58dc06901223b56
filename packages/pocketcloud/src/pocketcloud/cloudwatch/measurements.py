"""Values that an alarm compares: the statistic of a metric, or an expression of several."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pocketcloud.cloudwatch.metric_math import Expression
from pocketcloud.cloudwatch.metrics import Metric, Metrics


class AlarmMeasurement(Protocol):
    """A value of each period."""

    @property
    def metrics(self) -> frozenset[Metric]:
        """The metrics whose data it needs."""

    @property
    def period(self) -> timedelta:
        """The length of a period."""

    def value(self, metrics: Metrics, end: datetime) -> float | None:
        """Return the value of the period that ends at `end`; None if it has no data."""


@dataclass(frozen=True, slots=True)
class MetricStatistic:
    """The statistic of one metric."""

    metric: Metric
    period: timedelta
    statistic: str

    @property
    def metrics(self) -> frozenset[Metric]:
        """The metric."""
        return frozenset({self.metric})

    def value(self, metrics: Metrics, end: datetime) -> float | None:
        """Return the statistic of the period that ends at `end`; None if it has no data."""
        found = metrics.measured(self.metric, end - self.period, end)
        return None if found is None else found.statistic(self.statistic)


@dataclass(frozen=True, slots=True)
class MetricExpression:
    """An expression of other measurements, by their ids."""

    expression: Expression
    parts: Mapping[str, AlarmMeasurement]

    @property
    def metrics(self) -> frozenset[Metric]:
        """The metrics of all parts."""
        return frozenset(metric for part in self.parts.values() for metric in part.metrics)

    @property
    def period(self) -> timedelta:
        """The longest period of its parts."""
        return max(part.period for part in self.parts.values())

    def value(self, metrics: Metrics, end: datetime) -> float | None:
        """Return the value of the period that ends at `end`; None if a part that it needs has no data."""
        return self.expression.value({name: part.value(metrics, end) for name, part in self.parts.items()})
