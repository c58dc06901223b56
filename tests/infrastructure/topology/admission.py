"""The senders of each target, by a resource's policy or a function's role."""

from typing import Any

from tests.infrastructure.graph import Graph, every
from tests.infrastructure.topology.hops import Hop

POLICIES = {"sqs": ("SQS::QueuePolicy", "sqs:SendMessage"), "sns": ("SNS::TopicPolicy", "sns:Publish")}
SENDERS = {"rule": "events.amazonaws.com", "subscription": "sns.amazonaws.com"}
POLLS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
READS = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)


def admits(graph: Graph, hop: Hop, target: str | None = None) -> bool:
    """Whether the policy of the hop's target (or of that other) admits its carrier, by its source's ARN."""
    target = target or hop.target
    kind, action = POLICIES.get(target.split(":")[2], ("", ""))
    return any(
        line["Effect"] == "Allow"
        and action in every(line["Action"])
        and line["Principal"] == {"Service": SENDERS[hop.way]}
        and hop.source in every(_source(line))
        for policy in graph.any_of(kind)
        for line in policy.properties["PolicyDocument"]["Statement"]
        if line["Resource"] == target
    )


def takes_role(graph: Graph, hop: Hop) -> bool:
    """Whether a rule's target names a role that may put events there, as one for another bus must."""
    (target,) = [
        target
        for rule in graph.any_of("Events::Rule")
        if rule.name == hop.name
        for target in rule.properties["Targets"]
        if target["Arn"] == hop.target
    ]
    role = target.get("RoleArn", "/").rsplit("/", 1)[1]
    return any(
        line["Effect"] == "Allow"
        and "events:PutEvents" in every(line["Action"])
        and line["Resource"] == hop.target
        for policy in graph.any_of("IAM::Policy")
        if role in policy.properties["Roles"]
        for line in policy.properties["PolicyDocument"]["Statement"]
    )


def may(graph: Graph, function: str, action: str, target: str) -> bool:
    """Whether the function's role has the action on the target."""
    return any(
        owner == function
        and line["Effect"] == "Allow"
        and action in every(line["Action"])
        and target in every(line["Resource"])
        for owner, line in graph.roles()
    )


def _source(line: dict[str, Any]) -> Any:
    return line.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn", [])
