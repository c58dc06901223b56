"""The policies for people are narrow, cover the stage and fit IAM's limits."""

import json
from collections.abc import Iterator
from typing import Any

from infrastructure import topology
from infrastructure.names import Names
from tests.infrastructure.conftest import FORWARD
from tests.infrastructure.graph import Graph, arn, every

LIMIT = 6144
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length"""
LONGEST = {
    "eu-west-1": "ap-northeast-1",
    "orderbus-dev": "orderbus-abcdefghij",
    "arn:aws:": "arn:aws-us-gov:",
}
"""A stage and a region with names as long as they come."""
KNOW_NO_RESOURCE = {
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "events:ListReplays",
    "sqs:ListQueues",
}
LOOKING = ("Batch", "Describe", "Filter", "Get", "List", "Query", "Receive", "Scan")


def lines(graph: Graph, *roles: str) -> list[dict[str, Any]]:
    """The statements of the observers' or the operators' policies."""
    return [
        line
        for name, document in policies(graph).items()
        if name.split("-")[2] in roles
        for line in document["Statement"]
    ]


def policies(graph: Graph) -> dict[str, Any]:
    """Their documents, by name."""
    return {
        each.properties["ManagedPolicyName"]: each.properties["PolicyDocument"]
        for each in graph.of("IAM::ManagedPolicy")
    }


def granted(graph: Graph, *roles: str) -> Iterator[tuple[str, str]]:
    """(action, resource)"""
    for line in lines(graph, *(roles or ("observer", "operator"))):
        assert line["Effect"] == "Allow"
        yield from (
            (action, resource) for action in every(line["Action"]) for resource in every(line["Resource"])
        )


def test_policies_belong_to_one_stage_and_no_person(dev: Graph, prod: Graph) -> None:
    for graph, stage in ((dev, "dev"), (prod, "prod")):
        names = Names(stage)
        assert set(policies(graph)) == {*names.observer_policies, *names.operator_policies}
        for each in graph.of("IAM::ManagedPolicy"):
            assert each.stack == names.stack("observability")
            assert not {"Roles", "Users", "Groups"} & each.properties.keys()


def size(document: Any) -> int:
    """Return the size as IAM counts it, without white space, with the longest names."""
    text = json.dumps(document, separators=(",", ":"))
    for short, long in LONGEST.items():
        text = text.replace(short, long)
    return len(text)


def test_policies_fit_iam_with_eight_forwards(dev: Graph, shared: Graph) -> None:
    for name, document in policies(dev).items():
        with_forwards = size(policies(shared)[name])
        assert size(document) + 8 * (with_forwards - size(document)) / len(FORWARD) <= LIMIT, name


def test_wildcards_stand_only_where_aws_requires_them(dev: Graph) -> None:
    for action, resource in granted(dev):
        assert "*" not in action
        if resource == "*":
            assert action in KNOW_NO_RESOURCE
        elif "*" in resource:
            service = resource.split(":")[2]
            # Lines of a named log, and replays, roles names are made when they are started.
            assert (service, resource.rpartition("*")[2]) in {("logs", ""), ("events", "")}
            assert resource.startswith(
                (arn("logs", "log-group:/aws/lambda/orderbus-dev-"), arn("events", "replay/"))
            )


def test_observer_changes_nothing_but_message_visibility(dev: Graph) -> None:
    doing = {
        action for action, _ in granted(dev, "observer") if not action.partition(":")[2].startswith(LOOKING)
    }
    assert doing == {"apigateway:GET", "sqs:ChangeMessageVisibility"}
    hidden = {
        resource for action, resource in granted(dev, "observer") if action.endswith("MessageVisibility")
    }
    assert all(resource.endswith("-dlq") for resource in hidden)


def test_observer_reads_every_queue_and_log(dev: Graph, shared: Graph, stripe: Graph, chosen: Graph) -> None:
    for graph in (dev, shared, stripe, chosen):
        found = set(granted(graph, "observer"))
        queues = {arn("sqs", queue.name) for queue in graph.of("SQS::Queue")}
        assert {resource for action, resource in found if action == "sqs:GetQueueAttributes"} == queues
        logs = {arn("logs", f"log-group:/aws/lambda/{each.name}:*") for each in graph.of("Lambda::Function")}
        readable = {resource for action, resource in found if action == "logs:FilterLogEvents"}
        # The webhooks' too, which a stage with Stripe has: `orderbus trace` asks wherever it is.
        assert readable - logs <= {arn("logs", "log-group:/aws/lambda/orderbus-dev-payments-webhooks:*")}
        assert logs <= readable


def test_operator_puts_events_only_for_outsiders_and_forwards(dev: Graph, shared: Graph) -> None:
    for graph, forwards in ((dev, []), (shared, [each["event_bus_arn"] for each in FORWARD])):
        buses = {resource for action, resource in granted(graph) if action == "events:PutEvents"}
        assert buses == {arn("events", "event-bus/orderbus-dev-ingress-bus"), *forwards}
    (line,) = [each for each in lines(dev, "operator") if each.get("Sid") == "SpeakForOutsiders"]
    assert line["Condition"] == {
        "ForAllValues:StringEquals": {"events:source": list(topology.OUTSIDERS)},
        "Null": {"events:source": "false"},
    }


WRITES = {f"dynamodb:{action}" for action in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")}


def test_operator_writes_no_event_log_and_few_tables(dev: Graph) -> None:
    written = {
        resource.rpartition("/orderbus-dev-")[2]
        for action, resource in granted(dev)
        if action
        in {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
    }
    assert written == {"audit", "stock", "listings", "sales"}
