"""Every fact reaches its consumers, or a dead-letter queue."""

import pytest

from infrastructure import topology
from infrastructure.names import kebab
from infrastructure.services import FactDeclaration, Service
from infrastructure.triggers import EveryMinute
from tests.infrastructure.graph import Graph, Resource, arn, every

OWN_FACTS = [fact for fact in topology.FACTS if not topology.is_external(fact)]


def rule_arn(rule: Resource) -> str:
    return arn("events", f"rule/{rule.properties['EventBusName']}/{rule.name}")


def event_rules(graph: Graph) -> list[Resource]:
    """The rules that events start, not the clock."""
    return [rule for rule in graph.of("Events::Rule") if "EventPattern" in rule.properties]


def test_a_rule_delivers_the_whole_event_unchanged(dev: Graph) -> None:
    for rule in event_rules(dev):
        (target,) = rule.properties["Targets"]
        assert target.keys() == {"Id", "Arn", "DeadLetterConfig"}
        assert rule.properties["State"] == "ENABLED"


def test_schedules_start_only_functions_with_that_trigger(
    dev: Graph,
) -> None:
    rules = [rule for rule in dev.of("Events::Rule") if rule not in event_rules(dev)]
    expected = [
        f"orderbus-dev-{service.name}-{function.module}"
        for service in topology.SERVICES
        for function in service.functions
        if isinstance(function.trigger, EveryMinute)
    ]
    assert [rule.name for rule in rules] == expected
    for rule in rules:
        alias = arn("lambda", f"function:{rule.name}:live")
        assert rule.properties["ScheduleExpression"] == "rate(1 minute)"
        assert rule.properties["State"] == "ENABLED"
        assert rule.properties["Targets"] == [{"Id": "target", "Arn": alias}]
        (permission,) = [
            each.properties
            for each in dev.of("Lambda::Permission")
            if each.properties["FunctionName"] == alias
        ]
        assert permission["Principal"] == "events.amazonaws.com"
        assert permission["SourceArn"] == arn("events", f"rule/{rule.name}")


@pytest.mark.parametrize("fact", OWN_FACTS, ids=lambda fact: fact.name)
def test_rule_sends_only_the_owners_unreplayed_facts(dev: Graph, fact: FactDeclaration) -> None:
    rule = dev.named("Events::Rule", f"orderbus-dev-{kebab(fact.name)}")
    assert rule.properties["EventBusName"] == "orderbus-dev-order-bus"
    assert rule.properties["EventPattern"] == {
        "source": [fact.owner],
        "detail-type": [fact.name],
        "replay-name": [{"exists": False}],
    }
    (target,) = rule.properties["Targets"]
    assert target["Arn"] == arn("sns", f"orderbus-dev-{kebab(fact.name)}")


def test_consumers_subscribe_to_exactly_the_facts_they_react_to(dev: Graph) -> None:
    subscribed = {
        (line.properties["Endpoint"].rsplit(":", 1)[1], line.properties["TopicArn"].rsplit(":", 1)[1])
        for line in dev.of("SNS::Subscription")
    }
    assert subscribed == {
        (f"orderbus-dev-{service.name}", f"orderbus-dev-{kebab(fact.name)}")
        for fact in OWN_FACTS
        for service in topology.consumers_of(fact.name)
    }


def test_subscriptions_are_raw_and_share_the_dead_letter_queue(dev: Graph) -> None:
    for line in dev.of("SNS::Subscription"):
        dead_letters = line.properties["RedrivePolicy"]["deadLetterTargetArn"]
        assert line.properties["Protocol"] == "sqs"
        assert line.properties["RawMessageDelivery"] is True
        assert dead_letters == f"{line.properties['Endpoint']}-dlq"


def test_queues_accept_only_rules_and_topics_of_the_graph(dev: Graph) -> None:
    known = {rule_arn(rule) for rule in event_rules(dev)}
    known |= {arn("sns", topic.name) for topic in dev.of("SNS::Topic")}
    for queue in dev.of("SQS::Queue"):
        for line in dev.statements("SQS::QueuePolicy", arn("sqs", queue.name)):
            if line["Effect"] == "Allow":
                assert set(every(line["Condition"]["ArnEquals"]["aws:SourceArn"])) <= known


def test_outside_fact_goes_directly_to_its_consumer(dev: Graph) -> None:
    rule = dev.named("Events::Rule", "orderbus-dev-orders-checkout-completed")
    assert rule.properties["EventBusName"] == "orderbus-dev-ingress-bus"
    assert rule.properties["EventPattern"] == {
        "source": ["storefront"],
        "detail-type": ["CheckoutCompleted"],
    }
    (target,) = rule.properties["Targets"]
    assert target["Arn"] == arn("sqs", "orderbus-dev-orders")


@pytest.mark.parametrize("service", topology.SERVICES, ids=lambda service: service.name)
def test_replay_reaches_only_the_service_in_its_name(dev: Graph, service: Service) -> None:
    rule = dev.named("Events::Rule", f"orderbus-dev-{service.name}-replay")
    own = [name for name in service.reacts_to if not topology.is_external(topology.fact(name))]
    assert rule.properties["EventBusName"] == "orderbus-dev-order-bus"
    assert rule.properties["EventPattern"] == {
        "replay-name": [{"prefix": f"orderbus-dev-{service.name}-"}],
        "detail-type": own,
    }
    (target,) = rule.properties["Targets"]
    assert target["Arn"] == arn("sqs", f"orderbus-dev-{service.name}")
    rivals = [other.name for other in topology.SERVICES if f"{other.name}-".startswith(f"{service.name}-")]
    assert rivals == [service.name], "a replay for one would reach the other as well"


def test_fact_has_a_consumer_or_a_reason() -> None:
    for fact in topology.FACTS:
        assert bool(topology.consumers_of(fact.name)) != bool(fact.no_consumer_because), fact.name
