"""CloudWatch metrics per minute: those of services, and those in function logs (EMF)."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pocketcloud.virtual_time.clock import START, Clock

MINUTE = timedelta(minutes=1)
EMBEDDED = '"_aws"'
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""


def next_minute(now: datetime) -> datetime:
    """Return the next whole minute."""
    return now.replace(second=0, microsecond=0) + MINUTE


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's identity: namespace, name and dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, namespace: str, name: str, **dimensions: str) -> "Metric":
        """Return the metric with these dimensions."""
        return cls(namespace, name, frozenset(dimensions.items()))

    def __hash__(self) -> int:
        # Frozen sets keep their hash; two metrics seldom share their dimensions and half a name.
        return hash(self.name) ^ hash(self.dimensions)


@dataclass(slots=True)
class Datapoint:
    """The values of one or more minutes."""

    values: list[float] = field(default_factory=list)

    def statistic(self, name: str) -> float:
        """Return `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p90`."""
        if name.startswith("p"):
            return self._percentile(float(name[1:]))
        total, count = sum(self.values), len(self.values)
        return {
            "Sum": total,
            "Average": total / count,
            "Minimum": min(self.values),
            "Maximum": max(self.values),
            "SampleCount": count,
        }[name]

    def _percentile(self, percent: float) -> float:
        """Return the nearest-rank percentile; CloudWatch interpolates instead."""
        return sorted(self.values)[max(0, math.ceil(len(self.values) * percent / 100) - 1)]


class Metrics:
    """All data points; CloudWatch would delete one-minute points after fifteen days."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._now: datetime | None = None
        self._minute = START
        self._minutes: defaultdict[Metric, dict[datetime, Datapoint]] = defaultdict(dict)
        self.fresh: set[Metric] = set()
        """Metrics with new data since this set was last emptied."""

    def put(self, metric: Metric, value: float, *, at: datetime | None = None) -> None:
        """Record a value now, or at a given time."""
        points, minute = self._minutes[metric], self._current_minute() if at is None else _minute_of(at)
        point = points.get(minute)
        if point is None:
            point = points[minute] = Datapoint()
        point.values.append(value)
        self.fresh.add(metric)

    def put_line(self, line: str) -> None:
        """Record the embedded metrics in a log line, if any."""
        if EMBEDDED not in line:
            return
        try:
            document = json.loads(line)
        except ValueError:
            return
        if isinstance(document, dict):
            for metric, value in _embedded(document):
                self.put(metric, value)

    def _current_minute(self) -> datetime:
        now = self._clock.now()
        if now is not self._now:
            self._now, self._minute = now, _minute_of(now)
        return self._minute

    def measured(self, metric: Metric, start: datetime, end: datetime) -> Datapoint | None:
        """Return the values from `start` up to `end`, both whole minutes; None if there are none."""
        minutes = self._minutes.get(metric)
        if not minutes:
            return None
        found = Datapoint()
        while start < end:
            if start in minutes:
                found.values += minutes[start].values
            start += MINUTE
        return found if found.values else None

    def points(self) -> Iterator[tuple[Metric, datetime, list[float]]]:
        """Yield the values of every metric and minute."""
        for metric, minutes in self._minutes.items():
            for minute, point in minutes.items():
                yield metric, minute, point.values

    def known(self) -> list[Metric]:
        """Return every metric with data."""
        return list(self._minutes)

    def clear(self) -> None:
        """Delete all data."""
        self._minutes.clear()
        self.fresh.clear()


def _minute_of(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)


def _embedded(document: Mapping[str, Any]) -> Iterator[tuple[Metric, float]]:
    """Yield each metric and value of a document in embedded metric format, per set of dimensions."""
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = frozenset((name, str(document[name])) for name in names)
            for each in directive["Metrics"]:
                metric = Metric(directive["Namespace"], each["Name"], dimensions)
                values = document[each["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    yield metric, value
