"""The role with which rules reach a target that has no resource policy of ours."""

from collections.abc import Sequence

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct


def rule_role(scope: Construct, *, rules: str | Sequence[str], allowed: iam.PolicyStatement) -> iam.Role:
    """Make a role that EventBridge assumes for the rule of that ARN, or for several, of this account."""
    role = iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal(
            "events.amazonaws.com",
            conditions={
                "ArnEquals": {"aws:SourceArn": rules},
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
            },
        ),
    )
    role.add_to_policy(allowed)
    return role
