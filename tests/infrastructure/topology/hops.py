"""Every hop of an event in the synthesized templates, with its dead-letter queue."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.infrastructure.graph import Graph, Resource, arn

NAMED = {
    "sqs": "SQS::Queue",
    "sns": "SNS::Topic",
    "event-bus": "Events::EventBus",
}


@dataclass(frozen=True, slots=True)
class Hop:
    """One step from a source to a target, both ARNs; `way` is what carries it."""

    way: str
    name: str
    source: str
    target: str
    dead_letters: str | None

    def __str__(self) -> str:
        return f"{self.way} {self.name}"


def hops(graph: Graph) -> list[Hop]:
    """The hops of events; schedules carry none, and the API responds to its client."""
    return [*_rules(graph), *_subscriptions(graph), *_mappings(graph)]


def rule_arn(rule: Resource) -> str:
    """Return the ARN of a rule on a bus of ours."""
    return arn("events", f"rule/{rule.properties['EventBusName']}/{rule.name}")


def found(graph: Graph, target: str) -> Resource | None:
    """The queue, topic or bus that the ARN names, if a template has it."""
    service = target.split(":")[2]
    kind = "event-bus" if ":event-bus/" in target else service
    name = target.rsplit("/" if kind == "event-bus" else ":", 1)[-1]
    if kind not in NAMED:
        return None
    return next((each for each in graph.any_of(NAMED[kind]) if each.name == name), None)


def _rules(graph: Graph) -> Iterator[Hop]:
    for rule in graph.any_of("Events::Rule"):
        if "EventPattern" in rule.properties:
            for target in rule.properties["Targets"]:
                dead_letters = target.get("DeadLetterConfig", {}).get("Arn")
                yield Hop("rule", rule.name, rule_arn(rule), target["Arn"], dead_letters)


def _subscriptions(graph: Graph) -> Iterator[Hop]:
    for each in graph.any_of("SNS::Subscription"):
        given = each.properties
        if given["Protocol"] == "email":
            continue  # a person, who gets alarms and no events
        name = f"{given['TopicArn'].rsplit(':', 1)[-1]} of {given['Endpoint'].rsplit(':', 1)[-1]}"
        dead_letters = given.get("RedrivePolicy", {}).get("deadLetterTargetArn")
        yield Hop("subscription", name, given["TopicArn"], given["Endpoint"], dead_letters)


def _mappings(graph: Graph) -> Iterator[Hop]:
    for each in graph.any_of("Lambda::EventSourceMapping"):
        given = each.properties
        source, name = given["EventSourceArn"], given["FunctionName"].split(":")[-2]
        if ":sqs:" in source:
            queue = found(graph, source)
            behind = queue.properties.get("RedrivePolicy", {}) if queue else {}
            yield Hop("queue mapping", name, source, given["FunctionName"], behind.get("deadLetterTargetArn"))
        else:
            failed = given.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
            yield Hop("stream mapping", name, source, given["FunctionName"], failed)
