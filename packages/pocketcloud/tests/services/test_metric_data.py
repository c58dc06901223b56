"""GetMetricData answers what was measured, period by period, and refuses what is not carried out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from small_world import World

from pocketcloud.cloudwatch.metrics import MINUTE, Metric
from pocketcloud.core.engine import UnsupportedOfflineError

SOLD = Metric.of("Shop", "Sold", till="1")
ASKED = {"Namespace": "Shop", "MetricName": "Sold", "Dimensions": [{"Name": "till", "Value": "1"}]}


@pytest.fixture
def start(world: World) -> datetime:
    """Six minutes of a till, the third of which sold nothing."""
    begin = world.cloud.clock.now().replace(minute=0, second=0, microsecond=0)
    for minute, sold in enumerate((1, 2, 0, 4, 5, 6)):
        for _ in range(2 if sold else 0):
            world.cloud.metrics.put(SOLD, sold, at=begin + minute * MINUTE)
    return begin


def data(world: World, start: datetime, *, minutes: int = 6, **asked: Any) -> dict[str, Any]:
    stat = {"Metric": ASKED, "Period": 60, "Stat": "Sum", **asked}
    (series,) = world.cloud.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "q", "MetricStat": stat}],
        StartTime=start,
        EndTime=start + timedelta(minutes=minutes),
    )["MetricDataResults"]
    found: dict[str, Any] = series
    return found


def test_each_period_in_which_something_was_measured_is_answered_the_newest_first(
    world: World, start: datetime
) -> None:
    series = data(world, start)
    assert (series["Id"], series["Label"], series["Values"]) == ("q", "Sold", [12, 10, 8, 4, 2])
    times = [start + minute * MINUTE for minute in (5, 4, 3, 1, 0)]
    assert [time.replace(tzinfo=start.tzinfo) for time in series["Timestamps"]] == times


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Sum", 6), ("Average", 1.5), ("Maximum", 2), ("Minimum", 1), ("SampleCount", 4)],
)
def test_a_period_of_several_minutes_is_one_value(
    world: World, start: datetime, statistic: str, expected: float
) -> None:
    assert data(world, start, minutes=3, Period=180, Stat=statistic)["Values"] == [expected]


def test_another_metric_is_none_of_it(world: World, start: datetime) -> None:
    assert data(world, start, Metric={**ASKED, "Dimensions": []})["Values"] == []


@pytest.mark.parametrize("asked", [{"Stat": "p99"}, {"Period": 10}])
def test_what_is_not_carried_out_is_refused(world: World, start: datetime, asked: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedOfflineError):
        data(world, start, **asked)


def test_an_expression_is_refused(world: World, start: datetime) -> None:
    with pytest.raises(UnsupportedOfflineError, match="expressions"):
        world.cloud.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "q", "Expression": "SUM(METRICS())"}],
            StartTime=start,
            EndTime=start + MINUTE,
        )
