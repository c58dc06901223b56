"""Changes to a template: one that an endpoint must refuse, and ones that take a grant from a function."""

from dataclasses import dataclass
from typing import Any

from deploy_check.assembly import Change, Template, resources_of
from deploy_check.failure import CheckError


@dataclass(frozen=True, slots=True)
class Grant:
    """One action that a function's role allows on the resource whose ARN, or reference, has these words."""

    function: str
    action: str
    resource: str


def without(grant: Grant) -> Change:
    """Take the grant from the role's policies; CheckError if the role does not hold it."""

    def change(document: Template) -> None:
        statements = [
            (policy, statement)
            for policy in _policies_of(document, grant.function)
            for statement in list(policy["Statement"])
            if grant.action in _listed(statement["Action"]) and grant.resource in str(statement["Resource"])
        ]
        if not statements:
            raise CheckError(f"{grant.function} holds no {grant.action} on {grant.resource}")
        for policy, statement in statements:
            statement["Action"] = [
                action for action in _listed(statement["Action"]) if action != grant.action
            ]
            if not statement["Action"]:
                policy["Statement"].remove(statement)

    return change


def failing(*, function: str, memory: int) -> Change:
    """Give a function other memory, and an event rule of its stack a pattern that no EventBridge takes."""

    def change(document: Template) -> None:
        _, properties = _function(document, function)
        properties["MemorySize"] = memory
        # The rule must come last, so that there is a change to take back.
        logical_id, rule = next(resources_of(document, "AWS::Events::Rule"))
        rule["EventPattern"] = {"detail-type": "not a list"}
        document["Resources"][logical_id]["DependsOn"] = [_function(document, function)[0]]

    return change


def _function(document: Template, name: str) -> tuple[str, dict[str, Any]]:
    for logical_id, properties in resources_of(document, "AWS::Lambda::Function"):
        if properties["FunctionName"] == name:
            return logical_id, properties
    raise CheckError(f"the template has no function {name}")


def _policies_of(document: Template, function: str) -> list[dict[str, Any]]:
    """The documents of the policies attached to the function's role."""
    role = _function(document, function)[1]["Role"]["Fn::GetAtt"][0]
    return [
        properties["PolicyDocument"]
        for _, properties in resources_of(document, "AWS::IAM::Policy")
        if {"Ref": role} in properties["Roles"]
    ]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
