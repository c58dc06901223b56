"""CloudWatch alarms on metrics of queues and functions, and on embedded metrics."""

import json
from datetime import timedelta
from typing import Any

import pytest
from small_world import FAILING, World, arn

from pocketcloud.cloudwatch.alarm_state import AlarmState
from pocketcloud.cloudwatch.metrics import Metric
from pocketcloud.core.engine import UnsupportedOfflineError

PRINTING = """
    import json
    def handle(event, context):
        print(json.dumps({
            "_aws": {"Timestamp": 1, "CloudWatchMetrics": [
                {"Namespace": "Shop", "Dimensions": [["service"]], "Metrics": [{"Name": "Sold"}]}
            ]},
            "service": "till",
            "Sold": [2.0, 3.0],
        }))
"""
DEPTH: dict[str, Any] = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Statistic": "Maximum",
}


def alarm(world: World, name: str = "a", *, dimensions: dict[str, str], **settings: Any) -> None:
    defaults = {
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    world.cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        **{**defaults, **settings},
    )


def state(world: World, name: str = "a") -> str:
    (found,) = world.cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(found["StateValue"])


def send(world: World, queue: str = "q") -> None:
    sqs = world.cloud.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody="m")


def test_queue_depth_alarm_fires_and_returns_to_ok(world: World) -> None:
    world.queue("q")
    alarm(world, dimensions={"QueueName": "q"}, **DEPTH)
    world.cloud.advance(minutes=2)
    assert state(world) == "OK"
    send(world)
    world.cloud.advance(minutes=1)
    assert (state(world), world.cloud.alarms.in_alarm) == ("ALARM", ["a"])
    sqs = world.cloud.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName="q")["QueueUrl"])
    world.cloud.advance(minutes=1)
    assert world.cloud.alarms.in_alarm == []
    assert [(change.before, change.after) for change in world.cloud.alarms.changes] == [
        (AlarmState.INSUFFICIENT_DATA, AlarmState.OK),
        (AlarmState.OK, AlarmState.ALARM),
        (AlarmState.ALARM, AlarmState.OK),
    ]


def test_redriven_message_shows_in_depth_not_in_sent(world: World) -> None:
    world.queue("dead")
    world.mapping(world.queue("q", dead_letters="dead", receives=2), world.function("f", FAILING))
    alarm(world, dimensions={"QueueName": "dead"}, **DEPTH)
    alarm(world, "sent", dimensions={"QueueName": "dead"}, **{**DEPTH, "MetricName": "NumberOfMessagesSent"})
    send(world)
    world.cloud.settle()
    world.cloud.advance(minutes=1)
    assert world.cloud.alarms.in_alarm == ["a"]


def test_age_alarm_fires_after_all_periods_breach(world: World) -> None:
    world.queue("q")
    age = {**DEPTH, "MetricName": "ApproximateAgeOfOldestMessage", "Threshold": 120, "EvaluationPeriods": 3}
    alarm(world, dimensions={"QueueName": "q"}, **age)
    send(world)
    world.cloud.advance(minutes=3)
    assert state(world) == "OK", "it is two minutes old in only two of the periods"
    world.cloud.advance(minutes=1)
    assert state(world) == "ALARM"


def test_m_out_of_n_periods_are_enough_when_configured(world: World) -> None:
    world.queue("q")
    alarm(world, dimensions={"QueueName": "q"}, EvaluationPeriods=3, DatapointsToAlarm=2, **DEPTH)
    sqs = world.cloud.client("sqs")
    for sent in (True, False, True):
        if sent:
            send(world)
        else:
            sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName="q")["QueueUrl"])
        world.cloud.advance(minutes=1)
    assert state(world) == "ALARM"


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        ("notBreaching", "OK"),
        ("breaching", "ALARM"),
        ("missing", "INSUFFICIENT_DATA"),
        ("ignore", "INSUFFICIENT_DATA"),
    ],
)
def test_missing_data_is_treated_as_configured(world: World, treatment: str, expected: str) -> None:
    alarm(world, dimensions={"QueueName": "none"}, TreatMissingData=treatment, **DEPTH)
    world.cloud.advance(minutes=3)
    assert state(world) == expected


def test_error_alarm_fires_only_for_the_failing_function(world: World) -> None:
    world.function("bad", FAILING)
    world.function("good", PRINTING)
    errors = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum"}
    for name in ("bad", "good"):
        alarm(world, name, dimensions={"FunctionName": name}, **errors)
        world.cloud.invoke(name, {})
    world.cloud.advance(minutes=1)
    assert world.cloud.alarms.in_alarm == ["bad"]


def test_embedded_metrics_in_logs_are_recorded(world: World) -> None:
    world.function("f", PRINTING)
    start = world.cloud.clock.now().replace(second=0, microsecond=0)
    world.cloud.invoke("f", {})
    found = world.cloud.metrics.measured(
        Metric.of("Shop", "Sold", service="till"), start, start + timedelta(minutes=1)
    )
    assert found is not None
    statistics = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")
    assert [found.statistic(name) for name in statistics] == [5, 2.5, 2, 3, 2]


def test_subscriber_gets_cloudwatchs_notification(world: World) -> None:
    world.queue("q")
    world.subscribe(world.topic("ops"), world.queue("inbox"))
    alarm(world, dimensions={"QueueName": "q"}, AlarmActions=[arn("sns", "ops")], **DEPTH)
    send(world)
    world.cloud.advance(minutes=2)
    (notice,) = [json.loads(body) for body in world.bodies("inbox")]
    assert (notice["AlarmName"], notice["OldStateValue"], notice["NewStateValue"]) == (
        "a",
        "INSUFFICIENT_DATA",
        "ALARM",
    )


def test_alarm_with_disabled_actions_notifies_nobody(world: World) -> None:
    world.queue("q")
    world.subscribe(world.topic("ops"), world.queue("inbox"))
    muted = {**DEPTH, "ActionsEnabled": False, "AlarmActions": [arn("sns", "ops")]}
    alarm(world, dimensions={"QueueName": "q"}, **muted)
    send(world)
    world.cloud.advance(minutes=2)
    assert (state(world), world.bodies("inbox")) == ("ALARM", [])


def test_reset_clears_metrics_and_alarm_states(world: World) -> None:
    world.queue("q")
    alarm(world, dimensions={"QueueName": "q"}, **DEPTH)
    send(world)
    world.cloud.advance(minutes=1)
    world.cloud.reset()
    world.cloud.advance(minutes=1)
    assert [change.after for change in world.cloud.alarms.changes] == [AlarmState.OK]


def test_iterator_age_alarm_fires_when_records_wait(world: World) -> None:
    stream = world.table()
    world.mapping(stream, world.function("f", FAILING), StartingPosition="TRIM_HORIZON")
    age: dict[str, Any] = {
        "Namespace": "AWS/Lambda",
        "MetricName": "IteratorAge",
        "Statistic": "Maximum",
        "Threshold": 240_000,
    }
    alarm(world, dimensions={"FunctionName": "f"}, **age)
    world.put("k")
    world.cloud.advance(minutes=3)
    assert state(world) == "OK"
    world.cloud.advance(minutes=3)
    assert state(world) == "ALARM"


def test_percentile_is_the_nearest_rank(world: World) -> None:
    late: dict[str, Any] = {
        "Namespace": "Shop",
        "MetricName": "Age",
        "ExtendedStatistic": "p90",
        "Threshold": 60,
    }
    alarm(world, dimensions={}, **late)
    for age in (*range(1, 10), 100):
        world.cloud.metrics.put(Metric.of("Shop", "Age"), age)
    world.cloud.advance(minutes=1)
    assert state(world) == "OK", "nine out of ten are not late"
    for age in (*range(1, 9), 100, 100):
        world.cloud.metrics.put(Metric.of("Shop", "Age"), age)
    world.cloud.advance(minutes=1)
    assert state(world) == "ALARM"


def test_rule_matches_changes_of_alarms(world: World) -> None:
    pattern = {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}
    world.rule("alarms", pattern, {"Arn": world.queue("events")})
    world.queue("q")
    alarm(world, dimensions={"QueueName": "q"}, **DEPTH)
    world.cloud.advance(minutes=2)
    send(world)
    world.cloud.advance(minutes=2)
    (event,) = map(json.loads, world.bodies("events"))
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["resources"] == [arn("cloudwatch", "alarm:a")]
    detail = event["detail"]
    assert (detail["alarmName"], detail["previousState"]["value"]) == ("a", "OK")
    (metric,) = detail["configuration"]["metrics"]
    assert metric["metricStat"]["metric"] == {
        "namespace": "AWS/SQS",
        "name": "ApproximateNumberOfMessagesVisible",
        "dimensions": {"QueueName": "q"},
    }
    assert world.cloud.undelivered == []


def test_function_is_an_alarms_action(world: World) -> None:
    function = world.function("f", "def handle(event, context): print(event['alarmData']['state']['value'])")
    world.queue("q")
    alarm(world, dimensions={"QueueName": "q"}, AlarmActions=[function], OKActions=[function], **DEPTH)
    world.cloud.advance(minutes=2)
    assert world.cloud.logs("f") == []
    world.cloud.client("lambda").add_permission(
        FunctionName="f",
        StatementId="alarms",
        Action="lambda:InvokeFunction",
        Principal="lambda.alarms.cloudwatch.amazonaws.com",
        SourceArn=arn("cloudwatch", "alarm:a"),
    )
    send(world)
    world.cloud.advance(minutes=2)
    assert world.cloud.logs("f") == ["ALARM"]


def test_other_action_of_an_alarm_is_rejected(world: World) -> None:
    with pytest.raises(UnsupportedOfflineError, match="alarm a: the action arn:aws:ssm"):
        alarm(world, dimensions={}, AlarmActions=["arn:aws:ssm:eu-west-1:1:opsitem:1"], **DEPTH)


def test_alarm_of_a_missing_topic_changes_all_the_same(world: World) -> None:
    world.queue("q")
    alarm(world, dimensions={"QueueName": "q"}, OKActions=[arn("sns", "gone")], **DEPTH)
    world.cloud.advance(minutes=2)
    assert state(world) == "OK"
