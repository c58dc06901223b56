"""A composite alarm follows the states of those that its rule is about."""

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


def ring(world: World, *names: str) -> None:
    for name in names:
        world.cloud.metrics.put(Metric.of("Shop", name), 1)
    world.cloud.advance(minutes=1)


@pytest.mark.parametrize(
    ("rule", "ringing", "expected"),
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
def test_a_rule_holds_as_its_words_say(rule: str, ringing: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert CompositeRule(rule).holds(lambda name: "ALARM" if name in ringing else "OK") is expected


@pytest.mark.parametrize("rule", ["", "ALARM(a", "ALARM(a) ALARM(b)", "(ALARM(a)", "RINGS(a)", "ALARM(a) OR"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(InvalidRuleError):
        CompositeRule(rule)


def test_it_rings_with_the_first_of_its_alarms_and_is_over_with_the_last(world: World) -> None:
    alarm(world, "a")
    alarm(world, "b")
    composite(world, "either", 'ALARM("a") OR ALARM("b")')
    composite(world, "about-it", "ALARM(either)")
    ring(world)
    assert world.cloud.alarms.ringing == []
    ring(world, "b")
    assert world.cloud.alarms.ringing == ["about-it", "b", "either"]
    (change,) = [
        each for each in world.cloud.alarms.changes if (each.alarm, each.after) == ("either", "ALARM")
    ]
    assert change.reason == "In the state ALARM: b."
    ring(world)
    assert world.cloud.alarms.ringing == []


def test_its_topic_is_told(world: World) -> None:
    world.subscribe(world.topic("ops"), world.queue("inbox"))
    alarm(world, "a")
    composite(world, "all", "ALARM(a)", AlarmActions=[arn("sns", "ops")], AlarmDescription="Look.")
    ring(world, "a")
    world.cloud.advance(minutes=1)
    (notice,) = [json.loads(body) for body in world.bodies("inbox")]
    assert (notice["AlarmName"], notice["AlarmDescription"]) == ("all", "Look.")


@pytest.mark.parametrize("rule", ["ALARM(nobody)", "ALARM("])
def test_one_about_alarms_that_are_not_there_cannot_be_made(world: World, rule: str) -> None:
    with pytest.raises(ClientError, match="AlarmRule"):
        composite(world, "all", rule)
