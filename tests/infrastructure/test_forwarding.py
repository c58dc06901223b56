"""Chosen facts for other buses: in the template, and through the offline cloud."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infrastructure.settings import Forward
from pocketcloud import OfflineCloud
from tests.infrastructure.conftest import AUDITOR, FORWARD
from tests.infrastructure.graph import Graph, Resource, arn
from tests.workflow.invariants import UNSUBSCRIBED
from tests.workflow.shop import Shop, an_order

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


@pytest.fixture(scope="module")
def shop(shared: Graph) -> Iterator[Shop]:
    """The shared stage offline, with a partner's bus and queue in the same process."""
    with OfflineCloud.start(assembly=shared.assembly) as cloud:
        shop = Shop(cloud)
        shop.open()
        events, sqs = cloud.client("events"), cloud.client("sqs")
        events.create_event_bus(Name="partner")
        admitting = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
        sqs.create_queue(QueueName="partner", Attributes={"Policy": json.dumps({"Statement": [admitting]})})
        events.put_rule(Name="partner", EventBusName="partner", EventPattern='{"version": ["0"]}')
        target = {"Id": "1", "Arn": arn("sqs", "partner")}
        events.put_targets(Rule="partner", EventBusName="partner", Targets=[target])
        yield shop


def received(shop: Shop, queue: str) -> list[dict[str, Any]]:
    sqs = shop.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_forwarded_facts_arrive_unchanged_offline(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    arrived = received(shop, "partner")
    assert [event["detail-type"] for event in arrived] == ["OrderConfirmed", "ShipmentScheduled"]
    assert {event["account"] for event in arrived} == {"123456789012"}
    assert {event["detail"]["subject"] for event in arrived} == {order_id}
    assert shop.cloud.undelivered == []


def test_fact_is_dead_lettered_when_its_bus_is_unreachable(shop: Shop) -> None:
    shop.cloud.client("events").create_event_bus(Name="audit")  # of that name, but here
    order_id = shop.place(an_order(payment_method="pm_card_chargeDeclined"), key="k2")
    shop.cloud.settle()
    queue = f"orderbus-dev-forward-{AUDITOR}"
    (lost,) = [each for each in shop.cloud.undelivered if each.where not in UNSUBSCRIBED]
    assert lost.event is not None
    assert (lost.event.type, lost.event.subject) == ("OrderCancelled", order_id)
    assert lost.where.startswith(f"queue/{queue}")
    assert "NO_RESOURCE" in lost.reason
