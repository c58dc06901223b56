"""Nothing is open to strangers, and everything is encrypted in transit and at rest."""

import json
from collections.abc import Iterator
from typing import Any

from tests.infrastructure.graph import Graph, arn

POLICIES = {
    "SQS::QueuePolicy": "PolicyDocument",
    "SNS::TopicPolicy": "PolicyDocument",
    "Events::EventBusPolicy": "Statement",
    "IAM::Role": "AssumeRolePolicyDocument",
}
LIMITS = {"statements": 20, "conditions": 10, "bytes": 8192}
"""Quotas of a queue's policy: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html"""


def queues_are_encrypted(graph: Graph) -> Iterator[str]:
    """SQS encrypts at rest only if configured; see docs/decisions/0006."""
    for queue in graph.any_of("SQS::Queue"):
        if not (queue.properties.get("SqsManagedSseEnabled") or queue.properties.get("KmsMasterKeyId")):
            yield f"{queue.name} keeps its messages in the clear"


def plain_http_is_refused(graph: Graph) -> Iterator[str]:
    """Each queue and topic denies everybody what does not come over TLS."""
    wanted = [(arn("sqs", each.name), "SQS::QueuePolicy", "sqs:*") for each in graph.any_of("SQS::Queue")]
    wanted += [
        (arn("sns", each.name), "SNS::TopicPolicy", "sns:Publish") for each in graph.any_of("SNS::Topic")
    ]
    for target, kind, action in wanted:
        lines = [line for policy in graph.any_of(kind) for line in _statements(policy.properties, kind)]
        if not any(line["Resource"] == target and _denies_plain_http(line, action) for line in lines):
            yield f"{target} may be reached without TLS"


def _denies_plain_http(line: dict[str, Any], action: str) -> bool:
    return (
        line["Effect"] == "Deny"
        and line["Action"] == action
        and line["Principal"] in ("*", {"AWS": "*"})
        and line["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    )


def nobody_is_everybody(graph: Graph) -> Iterator[str]:
    """No policy allows anything to every principal, under any condition."""
    for kind in POLICIES:
        for policy in graph.any_of(kind):
            for line in _statements(policy.properties, kind):
                if line["Effect"] == "Allow" and "*" in _principals(line.get("Principal", "*")):
                    yield f"{policy.stack} {policy.logical_id} allows {line['Action']} to everybody"


def _principals(actual: Any) -> list[str]:
    if isinstance(actual, str):
        return [actual]
    return [name for value in actual.values() for name in (value if isinstance(value, list) else [value])]


def services_act_for_a_known_source(graph: Graph) -> Iterator[str]:
    """A service's principal is allowed for one source of this account, or it would act for any account.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    for kind in ("SQS::QueuePolicy", "SNS::TopicPolicy"):
        for policy in graph.any_of(kind):
            for line in _statements(policy.properties, kind):
                if "Service" in _as_map(line.get("Principal")) and "aws:SourceArn" not in str(
                    line.get("Condition")
                ):
                    yield f"{policy.stack} {policy.logical_id} admits a service for any source"
    for permission in graph.any_of("Lambda::Permission"):
        if "SourceArn" not in permission.properties:
            yield f"{permission.stack} {permission.logical_id} lets a service invoke for any source"


def policies_fit(graph: Graph) -> Iterator[str]:
    """No queue policy exceeds the limit of SQS; CloudFormation would fail mid-deployment."""
    for policy in graph.any_of("SQS::QueuePolicy"):
        lines = _statements(policy.properties, "SQS::QueuePolicy")
        sizes = {
            "statements": len(lines),
            "conditions": sum(len(keys) for line in lines for keys in line.get("Condition", {}).values()),
            "bytes": len(json.dumps(policy.properties["PolicyDocument"], separators=(",", ":"))),
        }
        for what, size in sizes.items():
            if size > LIMITS[what]:
                yield f"{policy.stack} {policy.logical_id} has {size} {what}; SQS takes {LIMITS[what]}"


def _statements(properties: Any, kind: str) -> list[dict[str, Any]]:
    actual = properties[POLICIES[kind]]
    if kind == "Events::EventBusPolicy":
        return [actual]
    return list(actual["Statement"])


def _as_map(principal: Any) -> dict[str, Any]:
    return principal if isinstance(principal, dict) else {}
