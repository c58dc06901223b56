import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, cloud_event, entry

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError

ORDERS = {"source": ["orders"]}


def test_event_reaches_the_target_of_a_matching_rule(world: World) -> None:
    world.rule("all", ORDERS, {"Arn": world.queue("q")})
    world.rule("other", {"source": ["payments"]}, {"Arn": world.queue("other")})
    world.cloud.put_events([{**entry(), "Time": "2026-02-03T04:05:06Z", "Resources": ["r1"]}])
    world.cloud.settle()
    event = json.loads(world.bodies("q")[0])
    assert world.bodies("other") == []
    assert event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "OrderCreated",
        "source": "orders",
        "account": "123456789012",
        "time": "2026-02-03T04:05:06Z",
        "region": "eu-west-1",
        "resources": ["r1"],
        "detail": cloud_event(),
    }
    assert world.cloud.undelivered == []


def test_disabled_rule_delivers_nothing(world: World) -> None:
    world.rule("all", ORDERS, {"Arn": world.queue("q")})
    world.cloud.client("events").disable_rule(Name="all")
    world.cloud.put_events([entry()])
    assert len(world.cloud.undelivered) == 1
    world.cloud.client("events").enable_rule(Name="all")
    world.cloud.put_events([entry()])
    world.cloud.settle()
    assert len(world.bodies("q")) == 1


INPUTS = [
    ({"Input": '{"fixed":1}'}, {"fixed": 1}),
    ({"InputPath": "$.detail.subject"}, "o1"),
    ({"InputPath": "$.detail.data.lines[1].sku"}, "POT"),
    (
        {
            "InputTransformer": {
                "InputPathsMap": {
                    "who": "$.detail.subject",
                    "data": "$.detail.data",
                    "gone": "$.detail.gone",
                },
                "InputTemplate": (
                    '{"who":<who>,"text":"order <who> \\"<gone>\\"","data":<data>,'
                    '"rule":"<aws.events.rule-name>"}'
                ),
            }
        },
        {
            "who": "o1",
            "text": 'order o1 ""',
            "data": {"lines": [{"sku": "CUP"}, {"sku": "POT"}]},
            "rule": "all",
        },
    ),
]


@pytest.mark.parametrize(("target", "expected"), INPUTS, ids=range(len(INPUTS)))
def test_target_gets_its_configured_input(world: World, target: dict[str, Any], expected: object) -> None:
    world.rule("all", ORDERS, {"Arn": world.queue("q"), **target})
    world.cloud.put_events([entry(lines=[{"sku": "CUP"}, {"sku": "POT"}])])
    world.cloud.settle()
    assert json.loads(world.bodies("q")[0]) == expected


def test_event_is_dead_lettered_when_the_template_is_invalid(world: World) -> None:
    dead_letters = {"DeadLetterConfig": {"Arn": world.queue("dlq")}}
    transformer = {"InputTransformer": {"InputTemplate": '{"open": '}}
    world.rule("all", ORDERS, {"Arn": world.queue("q"), **dead_letters, **transformer})
    world.cloud.put_events([entry()])
    world.cloud.settle()
    (dead,) = world.messages("dlq")
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "INVALID_JSON"


def test_event_is_dead_lettered_when_the_target_is_missing(world: World) -> None:
    target = {"Arn": arn("sns", "gone"), "DeadLetterConfig": {"Arn": world.queue("dlq")}}
    world.rule("all", ORDERS, target)
    world.cloud.put_events([entry()])
    world.cloud.settle()
    (dead,) = world.messages("dlq")
    attributes = {name: value["StringValue"] for name, value in dead["MessageAttributes"].items()}
    assert attributes == {
        "RULE_ARN": arn("events", "rule/all"),
        "TARGET_ARN": arn("sns", "gone"),
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": "topic/gone does not exist",
        "RETRY_ATTEMPTS": "0",
    }
    assert json.loads(dead["Body"])["detail"] == cloud_event()
    (lost,) = world.cloud.undelivered
    assert lost.where == "queue/dlq"
    assert "NO_RESOURCE" in lost.reason


def test_event_is_dropped_without_a_dead_letter_queue(world: World) -> None:
    world.rule("all", ORDERS, {"Arn": arn("sqs", "gone")})
    world.cloud.put_events([entry()])
    world.cloud.settle()
    (lost,) = world.cloud.undelivered
    assert lost.where == "rule/all"
    assert [hop.destination for hop in world.hops(Kind.DROPPED)] == ["nobody"]


def test_delivery_is_retried_while_the_target_is_unavailable(world: World) -> None:
    world.rule("all", ORDERS, {"Arn": world.queue("q")})
    world.cloud.outages.add("queue/q")
    world.cloud.put_events([entry()])
    world.cloud.advance(minutes=1)
    assert len(world.hops(Kind.RETRIED)) >= 4
    world.cloud.outages.clear()
    world.cloud.settle()
    assert len(world.bodies("q")) == 1
    assert world.cloud.undelivered == []


POLICIES = [
    ({"MaximumRetryAttempts": 2}, "MaximumRetryAttempts", "2"),
    ({"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", None),
]


@pytest.mark.parametrize(("policy", "condition", "attempts"), POLICIES)
def test_dead_letter_names_the_exhausted_retry_condition(
    world: World, policy: dict[str, int], condition: str, attempts: str | None
) -> None:
    dead_letters = {"DeadLetterConfig": {"Arn": world.queue("dlq")}}
    world.rule("all", ORDERS, {"Arn": world.queue("q"), "RetryPolicy": policy, **dead_letters})
    world.cloud.outages.add("queue/q")
    world.cloud.put_events([entry()])
    world.cloud.settle()
    (dead,) = world.messages("dlq")
    attributes = {name: value["StringValue"] for name, value in dead["MessageAttributes"].items()}
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == condition
    assert attempts is None or attributes["RETRY_ATTEMPTS"] == attempts


def test_delivery_is_retried_for_a_day_by_default(world: World) -> None:
    world.rule("all", ORDERS, {"Arn": world.queue("q")})
    world.cloud.outages.add("queue/q")
    began = world.cloud.clock.now()
    world.cloud.put_events([entry()])
    world.cloud.settle()
    assert 80_000 < (world.cloud.clock.now() - began).total_seconds() < 90_000
    assert len(world.cloud.undelivered) == 1


def test_event_is_forwarded_from_bus_to_bus(world: World) -> None:
    inner = world.bus("inner")
    world.rule("forward", ORDERS, {"Arn": inner, "RoleArn": world.role()})
    world.rule("all", ORDERS, {"Arn": world.queue("q")}, bus="inner")
    world.cloud.put_events([entry()])
    world.cloud.settle()
    assert json.loads(world.bodies("q")[0])["detail"] == cloud_event()
    assert [hop.destination for hop in world.hops(Kind.ACCEPTED)] == ["bus/default", "bus/inner"]


def test_targets_of_a_rule_fail_independently(world: World) -> None:
    world.rule("all", ORDERS, {"Arn": arn("sqs", "gone")}, {"Arn": world.queue("q")})
    world.cloud.put_events([entry()])
    world.cloud.settle()
    assert len(world.bodies("q")) == 1
    assert len(world.cloud.undelivered) == 1


def test_unknown_operator_is_rejected_when_the_rule_is_created(world: World) -> None:
    with pytest.raises(ClientError, match="Unrecognized match type sounds-like") as caught:
        world.rule("odd", {"source": [{"sounds-like": "orders"}]})
    assert caught.value.response["Error"]["Code"] == "InvalidEventPatternException"
    assert world.cloud.client("events").list_rules()["Rules"] == []


UNSUPPORTED = [
    {"Arn": arn("ecs", "cluster/c")},
    {"Arn": arn("events", "connection/c/1")},
    {"Arn": arn("sns", "t"), "SqsParameters": {"MessageGroupId": "g"}},
]


@pytest.mark.parametrize("target", UNSUPPORTED, ids=lambda target: str(target["Arn"].split(":")[2]))
def test_unsupported_target_is_rejected_by_name(world: World, target: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedOfflineError, match="rule all"):
        world.rule("all", ORDERS, target)


@pytest.mark.parametrize("expression", ["at(2026-11-23T12:00:00)", "rate(1 days)", "cron(0 12 * * * *)"])
def test_invalid_schedule_is_rejected(world: World, expression: str) -> None:
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid"):
        world.cloud.client("events").put_rule(Name="noon", ScheduleExpression=expression)


@pytest.mark.parametrize(
    "wrong",
    [
        {"InputPath": "detail.x"},
        {"Input": "no JSON"},
        {"Input": "{}", "InputPath": "$.detail"},
        {
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86_399, "MaximumRetryAttempts": 185},
            "InputPath": "$..x",
        },
    ],
)
def test_invalid_target_is_rejected(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        world.rule("all", ORDERS, {"Arn": world.queue("q"), **wrong})


def test_rule_sends_to_message_group_of_fifo_queue(world: World) -> None:
    queue = world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    world.rule("all", ORDERS, {"Arn": queue, "SqsParameters": {"MessageGroupId": "g"}})
    world.cloud.put_events([entry()])
    world.cloud.settle()
    (message,) = world.messages("q.fifo")
    assert message["Attributes"]["MessageGroupId"] == "g"


def test_fifo_queue_needs_a_message_group(world: World) -> None:
    queue = world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    with pytest.raises(ClientError, match="SqsParameters must be specified for target: 0"):
        world.rule("all", ORDERS, {"Arn": queue})
