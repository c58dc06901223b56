"""The deployer's policies and the permissions boundary, as statements. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from infrastructure.deployer.handlers import PASSING, WITHOUT_RESOURCE, Handler
from infrastructure.names import Names

Statement = dict[str, Any]

QUALIFIER = "hnb659fds"
"""The qualifier of the CDK's bootstrap stack."""
BOUNDED = frozenset({"iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"})
"""Allowed only on a role that has the boundary, or gets it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
"""
BOOTSTRAP: Mapping[str, tuple[str, ...]] = {
    "s3:GetObject": (f"s3:::cdk-{QUALIFIER}-assets-ACCOUNT-REGION/*",),
    "ssm:GetParameters": (f"ssm:REGION:ACCOUNT:parameter/cdk-bootstrap/{QUALIFIER}/version",),
}
"""The code that functions and layers get, and the version that every template checks."""
KEY_USE = "kms:"
"""The beginning of actions on a key: those in the statements of a stage that has one."""
PASSED_TO = ("codedeploy.amazonaws.com", "events.amazonaws.com", "lambda.amazonaws.com")
ROLE_SCOPES: Mapping[str, tuple[str, ...]] = {
    "cloudwatch": ("*",),
    "dynamodb": ("dynamodb:REGION:ACCOUNT:table/PREFIX-*",),
    "ec2": ("*",),
    "events": ("events:REGION:ACCOUNT:event-bus/PREFIX-*", "events:REGION:ACCOUNT:api-destination/PREFIX-*"),
    "kafka": (),
    "kafka-cluster": (),
    "kinesis": ("kinesis:REGION:ACCOUNT:stream/PREFIX-*",),
    "kms": ("kms:REGION:ACCOUNT:key/*",),
    "lambda": ("lambda:REGION:ACCOUNT:function:PREFIX-*",),
    "logs": ("logs:REGION:ACCOUNT:log-group:/aws/lambda/PREFIX-*",),
    "mq": (),
    "secretsmanager": ("secretsmanager:REGION:ACCOUNT:secret:PREFIX-*",),
    "ses": ("ses:REGION:ACCOUNT:identity/*",),
    "sqs": ("sqs:REGION:ACCOUNT:PREFIX-*",),
    "xray": ("*",),
}
"""The widest resources of a deployed role's actions, by service; none: those alone that settings name."""


class UnknownScopeError(ValueError):
    """A deployed role has an action of a service without a scope."""


def key_statements(handlers: Iterable[Handler], names: Names) -> list[Statement]:
    """Return what CloudFormation may do with the stage's key: give it to resources, and nothing else.

    Its own stack is an administrator's. A key's id is random, so the tags of the stage limit the statement.
    """
    wanted = sorted({each for handler in handlers for each in handler.actions if each.startswith(KEY_USE)})
    tags = {"application": names.application, "stage": names.stage}
    is_of_stage = {f"aws:ResourceTag/{name}": value for name, value in tags.items()}
    uses = _allow(wanted, ROLE_SCOPES["kms"], names)
    finds = _allow(["cloudformation:DescribeStacks"], [_stack(names.key_stack)], names)
    return [{**uses, "Condition": {"StringEquals": is_of_stage}}, finds]


def _stack(name: str) -> str:
    return f"cloudformation:REGION:ACCOUNT:stack/{name}/*"


def boundary_arn(names: Names) -> str:
    """Return the ARN of the boundary in the account."""
    return _arn(f"iam::ACCOUNT:policy/{names.permissions_boundary}", names)


def deployer_statements(handlers: Iterable[Handler], names: Names) -> list[Statement]:
    """Return what CloudFormation may do when it deploys the stage."""
    scopes: defaultdict[str, set[str]] = defaultdict(set)
    for action, resources in BOOTSTRAP.items():
        scopes[action] |= set(resources)
    for handler in handlers:
        for action in handler.actions:
            if action.startswith(KEY_USE):
                continue
            scopes[action] |= {"*"} if action in WITHOUT_RESOURCE else set(handler.resources)
    scopes.pop(PASSING, None)
    free = {action: where for action, where in scopes.items() if action not in BOUNDED}
    bounded = {action: where for action, where in scopes.items() if action in BOUNDED}
    has_boundary = {"StringEquals": {"iam:PermissionsBoundary": {"Fn::Sub": boundary_arn(names)}}}
    return [
        *_grouped(free, names),
        *({**each, "Condition": has_boundary} for each in _grouped(bounded, names)),
        _pass_role(names),
    ]


def boundary_statements(role_statements: Iterable[Statement], names: Names) -> list[Statement]:
    """Return the most that a deployed role may do: the actions of the templates' roles on the stage."""
    scopes: defaultdict[str, set[str]] = defaultdict(set)
    for statement in role_statements:
        if statement["Effect"] == "Deny":
            continue
        for action in _listed(statement["Action"]):
            scopes[action] |= set(_role_scope(action))
            scopes[action] |= {arn.partition(":")[2].partition(":")[2] for arn in _elsewhere(statement)}
    return _grouped(scopes, names)


def _role_scope(action: str) -> tuple[str, ...]:
    service = action.partition(":")[0]
    if service not in ROLE_SCOPES:
        raise UnknownScopeError(f"a role has {action}: add the resources of {service} to ROLE_SCOPES")
    return ROLE_SCOPES[service]


def _elsewhere(statement: Statement) -> list[str]:
    """Return the resources that settings name, such as another account's bus."""
    return [
        each for each in _listed(statement["Resource"]) if isinstance(each, str) and each.startswith("arn:")
    ]


def _pass_role(names: Names) -> Statement:
    passed: Statement = _allow([PASSING], ["iam::ACCOUNT:role/PREFIX-*"], names)
    return {**passed, "Condition": {"StringEquals": {"iam:PassedToService": list(PASSED_TO)}}}


def _grouped(scopes: Mapping[str, set[str]], names: Names) -> list[Statement]:
    """Return one statement for each set of resources."""
    groups: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, resources in sorted(scopes.items()):
        groups[tuple(sorted(resources))].append(action)
    return [_allow(actions, resources, names) for resources, actions in sorted(groups.items())]


def _allow(actions: Sequence[str], resources: Sequence[str], names: Names) -> Statement:
    found = [each if each == "*" else {"Fn::Sub": _arn(each, names)} for each in resources]
    return {"Effect": "Allow", "Action": list(actions), "Resource": found}


def _arn(resource: str, names: Names) -> str:
    filled = resource.replace("PREFIX", names.prefix).replace("REGION", "${AWS::Region}")
    return f"arn:${{AWS::Partition}}:{filled.replace('ACCOUNT', '${AWS::AccountId}')}"


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - IAM writes one value without its list
    return value if isinstance(value, list) else [value]
