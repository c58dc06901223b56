"""GetMetricData returns statistics per period and rejects unsupported queries."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from small_world import World

from pocketcloud.cloudwatch.metrics import MINUTE, Metric
from pocketcloud.core.engine import UnsupportedOfflineError

SOLD = Metric.of("Shop", "Sold", till="1")
METRIC = {"Namespace": "Shop", "MetricName": "Sold", "Dimensions": [{"Name": "till", "Value": "1"}]}


@pytest.fixture
def start(world: World) -> datetime:
    """Record six minutes of sales, with none in the third."""
    begin = world.cloud.clock.now().replace(minute=0, second=0, microsecond=0)
    for minute, sold in enumerate((1, 2, 0, 4, 5, 6)):
        for _ in range(2 if sold else 0):
            world.cloud.metrics.put(SOLD, sold, at=begin + minute * MINUTE)
    return begin


def data(world: World, start: datetime, *, minutes: int = 6, **options: Any) -> dict[str, Any]:
    stat = {"Metric": METRIC, "Period": 60, "Stat": "Sum", **options}
    (series,) = world.cloud.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "q", "MetricStat": stat}],
        StartTime=start,
        EndTime=start + timedelta(minutes=minutes),
    )["MetricDataResults"]
    found: dict[str, Any] = series
    return found


def test_periods_with_data_are_returned_newest_first(world: World, start: datetime) -> None:
    series = data(world, start)
    assert (series["Id"], series["Label"], series["Values"]) == ("q", "Sold", [12, 10, 8, 4, 2])
    times = [start + minute * MINUTE for minute in (5, 4, 3, 1, 0)]
    assert [time.replace(tzinfo=start.tzinfo) for time in series["Timestamps"]] == times


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Sum", 6), ("Average", 1.5), ("Maximum", 2), ("Minimum", 1), ("SampleCount", 4)],
)
def test_period_of_several_minutes_has_one_value(
    world: World, start: datetime, statistic: str, expected: float
) -> None:
    assert data(world, start, minutes=3, Period=180, Stat=statistic)["Values"] == [expected]


def test_other_dimensions_are_another_metric(world: World, start: datetime) -> None:
    assert data(world, start, Metric={**METRIC, "Dimensions": []})["Values"] == []


@pytest.mark.parametrize("options", [{"Stat": "p99"}, {"Period": 10}])
def test_unsupported_statistic_or_period_is_rejected(
    world: World, start: datetime, options: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedOfflineError):
        data(world, start, **options)


def test_expression_is_rejected(world: World, start: datetime) -> None:
    with pytest.raises(UnsupportedOfflineError, match="expressions"):
        world.cloud.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "q", "Expression": "SUM(METRICS())"}],
            StartTime=start,
            EndTime=start + MINUTE,
        )
