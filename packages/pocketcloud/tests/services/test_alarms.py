"""CloudWatch's alarms over the metrics of queues, functions and what functions print."""

import json
from datetime import timedelta
from typing import Any

import pytest
from small_world import FAILING, World, arn

from pocketcloud.cloudwatch.alarms import State
from pocketcloud.cloudwatch.metrics import Metric

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


def test_the_first_message_in_a_queue_rings_within_a_minute_and_its_end_is_told(world: World) -> None:
    world.queue("q")
    alarm(world, dimensions={"QueueName": "q"}, **DEPTH)
    world.cloud.advance(minutes=2)
    assert state(world) == "OK"
    send(world)
    world.cloud.advance(minutes=1)
    assert (state(world), world.cloud.alarms.ringing) == ("ALARM", ["a"])
    sqs = world.cloud.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName="q")["QueueUrl"])
    world.cloud.advance(minutes=1)
    assert world.cloud.alarms.ringing == []
    assert [(change.before, change.after) for change in world.cloud.alarms.changes] == [
        (State.INSUFFICIENT_DATA, State.OK),
        (State.OK, State.ALARM),
        (State.ALARM, State.OK),
    ]


def test_a_message_sent_to_a_dead_letter_queue_by_sqs_itself_is_seen_by_its_depth_alone(world: World) -> None:
    world.queue("dead")
    world.mapping(world.queue("q", dead_letters="dead", receives=2), world.function("f", FAILING))
    alarm(world, dimensions={"QueueName": "dead"}, **DEPTH)
    alarm(world, "sent", dimensions={"QueueName": "dead"}, **{**DEPTH, "MetricName": "NumberOfMessagesSent"})
    send(world)
    world.cloud.settle()
    world.cloud.advance(minutes=1)
    assert world.cloud.alarms.ringing == ["a"]


def test_a_queue_s_oldest_message_rings_when_it_waits_for_all_the_periods(world: World) -> None:
    world.queue("q")
    age = {**DEPTH, "MetricName": "ApproximateAgeOfOldestMessage", "Threshold": 120, "EvaluationPeriods": 3}
    alarm(world, dimensions={"QueueName": "q"}, **age)
    send(world)
    world.cloud.advance(minutes=3)
    assert state(world) == "OK", "it is two minutes old in two of the periods only"
    world.cloud.advance(minutes=1)
    assert state(world) == "ALARM"


def test_m_out_of_n_periods_are_enough_where_the_alarm_says_so(world: World) -> None:
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
def test_what_is_never_measured_is_treated_as_the_alarm_says(
    world: World, treatment: str, expected: str
) -> None:
    alarm(world, dimensions={"QueueName": "none"}, TreatMissingData=treatment, **DEPTH)
    world.cloud.advance(minutes=3)
    assert state(world) == expected


def test_a_function_that_fails_is_counted_and_one_that_works_is_not(world: World) -> None:
    world.function("bad", FAILING)
    world.function("good", PRINTING)
    errors = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum"}
    for name in ("bad", "good"):
        alarm(world, name, dimensions={"FunctionName": name}, **errors)
        world.cloud.invoke(name, {})
    world.cloud.advance(minutes=1)
    assert world.cloud.alarms.ringing == ["bad"]


def test_what_a_function_prints_in_the_embedded_metric_format_is_measured(world: World) -> None:
    world.function("f", PRINTING)
    start = world.cloud.clock.now().replace(second=0, microsecond=0)
    world.cloud.invoke("f", {})
    found = world.cloud.metrics.measured(
        Metric.of("Shop", "Sold", service="till"), start, start + timedelta(minutes=1)
    )
    assert found is not None
    statistics = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")
    assert [found.statistic(name) for name in statistics] == [5, 2.5, 2, 3, 2]


def test_a_subscriber_of_its_topic_is_told_in_cloudwatch_s_words(world: World) -> None:
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


def test_an_alarm_whose_actions_are_switched_off_changes_its_state_and_tells_nobody(world: World) -> None:
    world.queue("q")
    world.subscribe(world.topic("ops"), world.queue("inbox"))
    muted = {**DEPTH, "ActionsEnabled": False, "AlarmActions": [arn("sns", "ops")]}
    alarm(world, dimensions={"QueueName": "q"}, **muted)
    send(world)
    world.cloud.advance(minutes=2)
    assert (state(world), world.bodies("inbox")) == ("ALARM", [])


def test_a_reset_forgets_what_was_measured_and_what_rang(world: World) -> None:
    world.queue("q")
    alarm(world, dimensions={"QueueName": "q"}, **DEPTH)
    send(world)
    world.cloud.advance(minutes=1)
    world.cloud.reset()
    world.cloud.advance(minutes=1)
    assert [change.after for change in world.cloud.alarms.changes] == [State.OK]


def test_records_that_wait_in_a_stream_age(world: World) -> None:
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


def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(world: World) -> None:
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
