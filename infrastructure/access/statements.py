"""A policy statement in one line."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.access.grants import TableGrant
from infrastructure.arns import table_arn
from infrastructure.names import Names


def allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
) -> iam.PolicyStatement:
    """Allow these actions on these resources; `sid` names the purpose."""
    return iam.PolicyStatement(
        sid=sid, actions=list(actions), resources=list(resources), conditions=conditions
    )


def on_table(scope: Construct, grant: TableGrant, *, names: Names) -> iam.PolicyStatement:
    """Allow a grant's actions on its table, and of its attributes no others.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    return allow(
        grant.sid,
        [f"dynamodb:{action}" for action in grant.actions],
        [table_arn(scope, names.table(grant.service, grant.table))],
        _only(grant.attributes) if grant.attributes else None,
    )


def _only(attributes: Sequence[str]) -> Mapping[str, Any]:
    return {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": list(attributes)},
        "Null": {"dynamodb:Attributes": "false"},
        "StringEqualsIfExists": {"dynamodb:ReturnValues": "NONE"},
    }
