"""Chosen facts for other buses: in the template (test_settings_offline.py has them deployed)."""

import pytest

from infrastructure.settings import Forward
from tests.infrastructure.conftest import AUDITOR, FORWARD
from tests.infrastructure.graph import Graph, Resource, arn

BUS_ARN = str(FORWARD[0]["event_bus_arn"])


def rule_to(graph: Graph, bus_arn: str) -> Resource:
    (rule,) = [each for each in graph.of("Events::Rule") if each.properties["Targets"][0]["Arn"] == bus_arn]
    return rule


def test_rule_forwards_chosen_facts_and_no_replays(shared: Graph) -> None:
    rule = rule_to(shared, BUS_ARN)
    assert rule.properties["EventBusName"] == "orderbus-dev-order-bus"
    assert rule.properties["EventPattern"] == {
        "source": ["orders", "shipping"],
        "detail-type": ["OrderConfirmed", "ShipmentScheduled"],
        "replay-name": [{"exists": False}],
    }


@pytest.mark.parametrize("entry", FORWARD, ids=["own account", "another account"])
def test_forward_has_a_dead_letter_queue_with_an_alarm(shared: Graph, entry: dict[str, str]) -> None:
    rule = rule_to(shared, entry["event_bus_arn"])
    queue = shared.named("SQS::Queue", f"{rule.name}-dlq")
    (target,) = rule.properties["Targets"]
    assert target.keys() == {"Id", "Arn", "RoleArn", "DeadLetterConfig"}
    assert target["DeadLetterConfig"] == {"Arn": arn("sqs", queue.name)}
    (admitted,) = [
        line
        for line in shared.statements("SQS::QueuePolicy", arn("sqs", queue.name))
        if line["Effect"] == "Allow"
    ]
    assert admitted["Principal"] == {"Service": "events.amazonaws.com"}
    assert admitted["Condition"]["ArnEquals"]["aws:SourceArn"] == [rule_arn(rule)]
    alarm = shared.named("CloudWatch::Alarm", f"{queue.name}-not-empty")
    assert alarm.properties["Threshold"] == 1


def rule_arn(rule: Resource) -> str:
    return arn("events", f"rule/orderbus-dev-order-bus/{rule.name}")


@pytest.mark.parametrize("entry", FORWARD, ids=["own account", "another account"])
def test_forward_role_serves_one_rule_and_one_bus(shared: Graph, entry: dict[str, str]) -> None:
    rule = rule_to(shared, entry["event_bus_arn"])
    role = rule.properties["Targets"][0]["RoleArn"].rsplit("/", 1)[1]
    (trusted,) = [each for each in shared.of("IAM::Role") if each.logical_id == role]
    (trust,) = trusted.properties["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"] == {
        "ArnEquals": {"aws:SourceArn": rule_arn(rule)},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
    (policy,) = [each for each in shared.of("IAM::Policy") if each.properties["Roles"] == [role]]
    assert policy.properties["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "events:PutEvents", "Resource": entry["event_bus_arn"]}
    ]


def test_forward_name_has_its_account_and_is_stable() -> None:
    keys = [
        Forward(facts=("OrderCancelled",), event_bus_arn=str(each["event_bus_arn"])).key for each in FORWARD
    ]
    assert keys[1].startswith(f"{AUDITOR}-")
    assert len(set(keys)) == len(keys)


def test_no_stage_of_cdk_json_shares_anything_yet(dev: Graph, prod: Graph) -> None:
    for graph in (dev, prod):
        assert not [rule for rule in graph.of("Events::Rule") if "RoleArn" in rule.properties["Targets"][0]]
