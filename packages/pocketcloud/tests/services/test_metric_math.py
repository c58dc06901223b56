"""Metric math: expressions of several metrics, in alarms.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from typing import Any

import pytest
from small_world import World

from pocketcloud.cloudwatch.metric_math import Expression, UnsupportedExpressionError
from pocketcloud.core.engine import UnsupportedOfflineError

VALUES = {"m1": 3.0, "m2": 4.0, "zero": 0.0, "none": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m1 + m2 * 2", 11),
        ("100*(m1/m2)", 75),
        ("m1^2", 9),
        ("-m1 - 1", -4),
        ("m1/zero", None),
        ("m1 + none", None),
        ("FILL(none, 0) + m1", 3),
        ("FILL(m1, 0)", 3),
        ("IF(m1 > 2, m1, 0)", 3),
        ("IF(m1 > 3, m1, m2)", 4),
        ("IF(m1 > 3, m1)", None),
        ("IF(none, m1, m2)", None),
        ("m1 > 2 AND m2 < 4", 0),
        ("m1 > 2 || m2 < 4", 1),
        ("m1 == 3 && none", None),
        ("SUM([m1, m2, none])", 7),
        ("MAX(METRICS())", 4),
        ("MIN([m1, m2])", 3),
        ("AVG([m1, m2])", 3.5),
        ("AVG([none])", None),
        ("MIN([none])", None),
        ("SUM(m1)", 3),
        ("ABS(-m1) + CEIL(0.2) + FLOOR(1.8)", 5),
        ("10^1000 * m1", None),
    ],
)
def test_expression_has_cloudwatchs_value(text: str, expected: float | None) -> None:
    assert Expression.of(text).value(VALUES) == expected


@pytest.mark.parametrize(
    "text",
    [
        "RATE(m1)",
        "SEARCH('{AWS/SQS}', 'Sum', 60)",
        "m1 +",
        "m1.real",
        "m1 if m2 else 1",
        "~m1",
        "m1 % 2",
        "'a'",
        "IF(m1)",
        "IF(m1, 1, 2, 3)",
        "ABS()",
        "FILL(m1)",
        "SUM(m1, m2)",
        "1 < m1 < 3",
        "m1(2)",
        "(m1)[0]",
    ],
)
def test_unsupported_expression_is_rejected(text: str) -> None:
    with pytest.raises(UnsupportedExpressionError):
        Expression.of(text)


def test_expression_names_its_metrics() -> None:
    assert Expression.of("IF(a > 1, b, FILL(c, 0))").names == {"a", "b", "c"}


def stat(name: str, metric: str, **more: Any) -> dict[str, Any]:
    wanted = {"Metric": {"Namespace": "Shop", "MetricName": metric}, "Period": 60, "Stat": "Sum"}
    return {"Id": name, "MetricStat": wanted, "ReturnData": False, **more}


def alarm(world: World, *queries: dict[str, Any], threshold: float = 50) -> None:
    world.cloud.client("cloudwatch").put_metric_alarm(
        AlarmName="a",
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        Metrics=list(queries),
    )


def put(world: World, **values: float) -> list[str]:
    """Record the values, and return the alarms that fire a minute later."""
    data = [{"MetricName": name, "Value": value} for name, value in values.items()]
    world.cloud.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=data)
    world.cloud.advance(minutes=1)
    return world.cloud.alarms.in_alarm


def test_alarm_fires_for_the_value_of_an_expression(world: World) -> None:
    rate = {"Id": "rate", "Expression": "100 * errors / total", "ReturnData": True}
    total = {"Id": "total", "Expression": "errors + good", "ReturnData": False}
    alarm(world, rate, total, stat("errors", "Failed"), stat("good", "Sold"))
    assert put(world, Failed=1, Sold=9) == []
    assert put(world, Failed=6, Sold=4) == ["a"]
    assert put(world, Sold=4) == []


def test_alarm_on_a_query_of_one_metric(world: World) -> None:
    alarm(world, stat("m", "Failed", ReturnData=True), threshold=2)
    assert put(world, Failed=2) == []
    assert put(world, Failed=3) == ["a"]


@pytest.mark.parametrize(
    ("expression", "reason"), [("m1 / gone", "unknown ids"), ("RATE(m1)", "RATE is not supported")]
)
def test_alarm_on_an_unsupported_expression_is_rejected(world: World, expression: str, reason: str) -> None:
    with pytest.raises(UnsupportedOfflineError, match=f"alarm a: metric math: .*{reason}"):
        alarm(world, {"Id": "e", "Expression": expression}, stat("m1", "Failed"))
    assert world.cloud.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
