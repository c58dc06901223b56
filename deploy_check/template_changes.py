"""Changes to a template: remove a grant, or make an update fail."""

from dataclasses import dataclass
from typing import Any

from deploy_check.assembly import Change, Template, resources_of
from deploy_check.failure import CheckError


@dataclass(frozen=True, slots=True)
class Grant:
    """An action of a function's role on resources whose ARN or reference contains `resource`."""

    function: str
    action: str
    resource: str


def without_grant(grant: Grant) -> Change:
    """Remove the grant from the role's policies; raise CheckError if the role lacks it."""

    def change(document: Template) -> None:
        statements = [
            (policy, statement)
            for policy in _policies_of(document, grant.function)
            for statement in list(policy["Statement"])
            if grant.action in _as_list(statement["Action"]) and grant.resource in str(statement["Resource"])
        ]
        if not statements:
            raise CheckError(f"{grant.function} has no grant of {grant.action} on {grant.resource}")
        for policy, statement in statements:
            statement["Action"] = [
                action for action in _as_list(statement["Action"]) if action != grant.action
            ]
            if not statement["Action"]:
                policy["Statement"].remove(statement)

    return change


def failing_update(*, function: str, memory: int) -> Change:
    """Change a function's memory, and set an invalid pattern in an event rule of its stack."""

    def change(document: Template) -> None:
        _, properties = _function(document, function)
        properties["MemorySize"] = memory
        # The rule must come last, after a change to roll back.
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
    """Return the policy documents of the function's role."""
    role = _function(document, function)[1]["Role"]["Fn::GetAtt"][0]
    return [
        properties["PolicyDocument"]
        for _, properties in resources_of(document, "AWS::IAM::Policy")
        if {"Ref": role} in properties["Roles"]
    ]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
