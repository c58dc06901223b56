"""The CloudFormation template of the deployer's policies, from a stage's templates."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from infrastructure.deployer.handlers import NETWORK, handlers_of
from infrastructure.deployer.policies import (
    Statement,
    boundary_statements,
    deployer_statements,
    key_statements,
)
from infrastructure.names import Names

POLICY_CHARACTERS = 6_144
"""IAM's limit of a managed policy, without white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
_LONGEST_PSEUDO = {
    "${AWS::Partition}": "aws-us-gov",
    "${AWS::Region}": "ap-southeast-1",
    "${AWS::AccountId}": "0" * 12,
}

KEY = "AWS::KMS::Key"
OF_ADMINISTRATORS = frozenset(
    {
        KEY,
        "AWS::Backup::BackupPlan",
        "AWS::Backup::BackupSelection",
        "AWS::Backup::BackupVault",
        "AWS::CloudFront::Distribution",
        "AWS::CloudTrail::Trail",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
    }
)
"""Resources that an administrator deploys: a deployer has no power over key, edge, trail and backups."""

Template = Mapping[str, Any]


class PolicyTooLongError(ValueError):
    """The boundary does not fit one policy, and a role can have only one."""


def deployer_template(templates: Iterable[Template], names: Names) -> dict[str, Any]:
    """Return the template with the boundary and as many policies of the deployer as IAM's limit needs."""
    read = list(templates)
    boundary = boundary_statements(_role_statements(read), names)
    if _characters(boundary) > POLICY_CHARACTERS:
        raise PolicyTooLongError(f"the boundary has {_characters(boundary)} characters")
    types = _types(read)
    handlers = [*handlers_of(types - OF_ADMINISTRATORS), *([NETWORK] if _has_network(read) else [])]
    on_key = key_statements(handlers, names) if KEY in types else []
    deployer = _parts([*deployer_statements(handlers, names), *on_key])
    resources = {"Boundary": _policy(names.permissions_boundary, boundary)}
    resources |= {
        f"Deployer{number}": _policy(names.deployer_policy(number), statements)
        for number, statements in enumerate(deployer, 1)
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The deployer of {names.prefix}, and the limit of the roles that it creates.",
        "Resources": resources,
        "Outputs": {
            "ExecutionPolicies": {
                "Description": "For cdk bootstrap --cloudformation-execution-policies",
                "Value": {"Fn::Join": [",", [{"Ref": name} for name in resources if name != "Boundary"]]},
            }
        },
    }


def _types(templates: Sequence[Template]) -> set[str]:
    return {each["Type"] for template in templates for each in template["Resources"].values()}


def _has_network(templates: Sequence[Template]) -> bool:
    """Whether a function is in a VPC."""
    return any(
        each["Type"] == "AWS::Lambda::Function" and "VpcConfig" in each["Properties"]
        for template in templates
        for each in template["Resources"].values()
    )


def _role_statements(templates: Sequence[Template]) -> Iterator[Statement]:
    for template in templates:
        for each in template["Resources"].values():
            if each["Type"] == "AWS::IAM::Policy":
                yield from each["Properties"]["PolicyDocument"]["Statement"]


def _parts(statements: Iterable[Statement]) -> list[list[Statement]]:
    """Fill one policy after the other, in order."""
    parts: list[list[Statement]] = [[]]
    for statement in statements:
        if _characters([*parts[-1], statement]) > POLICY_CHARACTERS:
            parts.append([])
        parts[-1].append(statement)
    return parts


def _characters(statements: Sequence[Statement]) -> int:
    """Return the length of the policy where the pseudo parameters are longest."""
    text = json.dumps(_document(statements), separators=(",", ":"))
    for name, longest in _LONGEST_PSEUDO.items():
        text = text.replace(name, longest)
    return len(text)


def _document(statements: Sequence[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _policy(name: str, statements: Sequence[Statement]) -> dict[str, Any]:
    properties = {"ManagedPolicyName": name, "PolicyDocument": _document(statements)}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
