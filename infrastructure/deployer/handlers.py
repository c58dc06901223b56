"""The actions that CloudFormation's handlers of each resource type need, with their resources.

handler_actions.json is AWS's registry (`handlers.*.permissions`) without what no stack of ours uses.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
An HTTP API's access log needs more, the delivery of logs.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSING = "iam:PassRole"
WITHOUT_RESOURCE = frozenset(
    {
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "cloudwatch:DescribeAlarms",
        "cognito-idp:CreateUserPool",
        "lambda:CreateEventSourceMapping",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "secretsmanager:GetRandomPassword",
        "sns:Unsubscribe",
    }
)
"""Actions whose request names no resource of the stage: IAM evaluates them on `*`.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""


class UnlistedTypeError(ValueError):
    """The templates have a resource type whose handler's actions are not listed."""


@dataclass(frozen=True, slots=True)
class Handler:
    """The actions that create, read, update and delete resources of one type."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    """ARNs after the partition, with PREFIX, REGION and ACCOUNT to fill in; or `*`."""


NETWORK = Handler(
    actions=(
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    ),
    resources=("*",),
)
"""Further actions for a function in a VPC; they support no resource."""


def read_handlers() -> dict[str, Handler]:
    """Return the handler of each resource type."""
    text = Path(__file__).with_name("handler_actions.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return {
        kind: Handler(actions=tuple(each["actions"]), resources=tuple(each["resources"]))
        for kind, each in read.items()
    }


def handlers_of(types: Iterable[str]) -> list[Handler]:
    """Return the handlers of these types; raise UnlistedTypeError if one is not listed."""
    known = read_handlers()
    wanted = sorted(set(types))
    if unknown := [kind for kind in wanted if kind not in known]:
        raise UnlistedTypeError(f"list the actions of {', '.join(unknown)} in handler_actions.json")
    return [known[kind] for kind in wanted]
