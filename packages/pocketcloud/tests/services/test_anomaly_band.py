"""An alarm on an anomaly band is in ALARM for unusual values, after an hour of data."""

from datetime import timedelta
from typing import Any

import pytest
from small_world import World

from pocketcloud.cloudwatch.anomaly_band import band_of
from pocketcloud.cloudwatch.metrics import Metric
from pocketcloud.core.engine import UnsupportedOfflineError

FIVE = timedelta(minutes=5)
SOLD = Metric.of("Shop", "Sold")


def metrics(expression: str = "ANOMALY_DETECTION_BAND(m0, 3)", stat: str = "Sum") -> list[dict[str, Any]]:
    stat_query = {"Metric": {"Namespace": "Shop", "MetricName": "Sold"}, "Period": 300, "Stat": stat}
    return [{"Id": "band", "Expression": expression}, {"Id": "m0", "MetricStat": stat_query}]


def alarm(world: World, **settings: Any) -> None:
    defaults = {
        "Metrics": metrics(),
        "ThresholdMetricId": "band",
        "EvaluationPeriods": 1,
        "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
        "TreatMissingData": "notBreaching",
    }
    world.cloud.client("cloudwatch").put_metric_alarm(AlarmName="a", **{**defaults, **settings})


def sell(world: World, *each_five_minutes: int) -> None:
    for sold in each_five_minutes:
        world.cloud.metrics.put(SOLD, sold)
        world.cloud.advance(minutes=5)


def test_band_is_the_mean_and_deviations_with_a_minimum() -> None:
    band = band_of([100] * 12, period=FIVE, width=3)
    assert (band.lower, band.upper) == (70, 130) if band else False
    wide = band_of([50, 150] * 6, period=FIVE, width=3)
    assert (wide.lower, wide.upper) == (-50, 250) if wide else False
    assert band_of([100] * 11, period=FIVE, width=3) is None


@pytest.mark.parametrize(("sold", "in_alarm"), [(20, []), (120, ["a"]), (1, ["a"]), (28, [])])
def test_alarm_state_follows_unusual_values(world: World, sold: int, in_alarm: list[str]) -> None:
    world.cloud.advance(minutes=5 - world.cloud.clock.now().minute % 5)
    alarm(world)
    sell(world, *[20, 22, 18, 20, 21, 19] * 3, sold)
    assert world.cloud.alarms.in_alarm == in_alarm


@pytest.mark.parametrize(
    ("operator", "sold", "in_alarm"),
    [
        ("GreaterThanUpperThreshold", 1, []),
        ("GreaterThanUpperThreshold", 120, ["a"]),
        ("LessThanLowerThreshold", 120, []),
        ("LessThanLowerThreshold", 1, ["a"]),
    ],
)
def test_only_the_named_edge_of_the_band_counts(
    world: World, operator: str, sold: int, in_alarm: list[str]
) -> None:
    world.cloud.advance(minutes=5 - world.cloud.clock.now().minute % 5)
    alarm(world, ComparisonOperator=operator)
    sell(world, *[20, 22, 18] * 6, sold)
    assert world.cloud.alarms.in_alarm == in_alarm


def test_no_value_is_unusual_before_an_hour_of_data(world: World) -> None:
    alarm(world)
    sell(world, 20, 20, 20, 500)
    assert world.cloud.alarms.in_alarm == []


@pytest.mark.parametrize(
    "queries",
    [
        metrics("ANOMALY_DETECTION_BAND(m1, 2)"),
        metrics(stat="TM(1%:99%)"),
        metrics("SEARCH('x')"),
    ],
)
def test_other_metric_math_is_rejected(world: World, queries: list[dict[str, Any]]) -> None:
    with pytest.raises(UnsupportedOfflineError):
        alarm(world, Metrics=queries)
