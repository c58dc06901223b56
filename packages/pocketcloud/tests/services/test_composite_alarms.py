"""A composite alarm follows the states of the alarms in its rule."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn

from pocketcloud.cloudwatch.alarm_rule import CompositeRule, InvalidRuleError
from pocketcloud.cloudwatch.metrics import Metric


def alarm(world: World, name: str) -> None:
    world.cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Shop",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )


def composite(world: World, name: str, rule: str, **settings: Any) -> None:
    world.cloud.client("cloudwatch").put_composite_alarm(AlarmName=name, AlarmRule=rule, **settings)


def trigger(world: World, *names: str) -> None:
    for name in names:
        world.cloud.metrics.put(Metric.of("Shop", name), 1)
    world.cloud.advance(minutes=1)


@pytest.mark.parametrize(
    ("rule", "in_alarm", "expected"),
    [
        ("ALARM(a)", "a", True),
        ('ALARM("a")', "b", False),
        ("OK(a)", "b", True),
        ("NOT ALARM(a)", "a", False),
        ("ALARM(a) OR ALARM(b)", "b", True),
        ("ALARM(a) AND ALARM(b)", "b", False),
        ("ALARM(a) AND ALARM(b) OR ALARM(c)", "c", True),
        ("ALARM(a) AND (ALARM(b) OR ALARM(c))", "c", False),
        ("ALARM(a) AND NOT (ALARM(b) OR ALARM(c))", "a", True),
        ("TRUE AND NOT FALSE", "", True),
        (f'(ALARM("{arn("cloudwatch", "alarm:a")}") OR ALARM(b))', "a", True),
        ("INSUFFICIENT_DATA(a)", "a", False),
    ],
)
def test_rule_is_evaluated_as_written(rule: str, in_alarm: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert CompositeRule(rule).holds(lambda name: "ALARM" if name in in_alarm else "OK") is expected


@pytest.mark.parametrize(
    "rule", ["", "ALARM(a", "ALARM(a) ALARM(b)", "(ALARM(a)", "ACTIVE(a)", "ALARM(a) OR"]
)
def test_invalid_rule_is_rejected(rule: str) -> None:
    with pytest.raises(InvalidRuleError):
        CompositeRule(rule)


def test_composite_alarm_follows_its_alarms(world: World) -> None:
    alarm(world, "a")
    alarm(world, "b")
    composite(world, "either", 'ALARM("a") OR ALARM("b")')
    composite(world, "nested", "ALARM(either)")
    trigger(world)
    assert world.cloud.alarms.in_alarm == []
    trigger(world, "b")
    assert world.cloud.alarms.in_alarm == ["b", "either", "nested"]
    (change,) = [
        each for each in world.cloud.alarms.changes if (each.alarm, each.after) == ("either", "ALARM")
    ]
    assert change.reason == "In ALARM: b."
    trigger(world)
    assert world.cloud.alarms.in_alarm == []


def test_composite_alarm_notifies_its_topic(world: World) -> None:
    world.subscribe(world.topic("ops"), world.queue("inbox"))
    alarm(world, "a")
    composite(world, "all", "ALARM(a)", AlarmActions=[arn("sns", "ops")], AlarmDescription="Look.")
    trigger(world, "a")
    world.cloud.advance(minutes=1)
    (notice,) = [json.loads(body) for body in world.bodies("inbox")]
    assert (notice["AlarmName"], notice["AlarmDescription"]) == ("all", "Look.")


@pytest.mark.parametrize("rule", ["ALARM(missing)", "ALARM("])
def test_rule_with_missing_alarms_is_rejected(world: World, rule: str) -> None:
    with pytest.raises(ClientError, match="AlarmRule"):
        composite(world, "all", rule)
