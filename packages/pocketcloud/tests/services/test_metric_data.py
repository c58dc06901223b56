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


def test_put_metric_data_is_read_by_every_operation(world: World) -> None:
    client, now = world.cloud.client("cloudwatch"), world.cloud.clock.now()
    dimensions = [{"Name": "shop", "Value": "berlin"}]
    members: list[dict[str, Any]] = [
        {"Value": 1},
        {"Values": [2.0, 3.0], "Counts": [1.0, 2.0]},
        {"StatisticValues": {"SampleCount": 4, "Sum": 20, "Minimum": 1, "Maximum": 9}},
        {"StatisticValues": {"SampleCount": 1, "Sum": 5, "Minimum": 5, "Maximum": 5}},
    ]
    data = [{"MetricName": "Sold", "Dimensions": dimensions, **each} for each in members]
    client.put_metric_data(Namespace="Shop", MetricData=data)
    assert client.list_metrics(Namespace="Shop")["Metrics"] == [
        {"Namespace": "Shop", "MetricName": "Sold", "Dimensions": dimensions}
    ]
    found = client.get_metric_statistics(
        Namespace="Shop",
        MetricName="Sold",
        Dimensions=dimensions,
        StartTime=now - timedelta(minutes=1),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum", "Minimum", "Maximum", "SampleCount", "Average"],
    )["Datapoints"]
    shown = [each[name] for each in found for name in ("Sum", "Minimum", "Maximum", "SampleCount")]
    assert shown == [34.0, 1.0, 9.0, 9.0]


def test_metrics_of_services_are_listed(world: World) -> None:
    world.function("f", "def handle(event, context): pass")
    world.cloud.invoke("f", {})
    listed = world.cloud.client("cloudwatch").list_metrics(Namespace="AWS/Lambda")["Metrics"]
    assert {each["MetricName"] for each in listed} == {"Duration", "Errors", "Invocations"}
