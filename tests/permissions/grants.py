"""The grants of the deployed roles, read from the account."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pocketcloud import OfflineCloud


@dataclass(frozen=True)
class Grant:
    """One action on one resource that a statement of a function's role allows."""

    function: str
    statement: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.function}: {self.action} on {self.resource}"


def grants(cloud: OfflineCloud) -> list[Grant]:
    """Everything that any function's role is granted."""
    return [
        Grant(function, place, action, resource)
        for function, role in sorted(roles(cloud).items())
        for place, statement in _statements(cloud, role)
        if statement["Effect"] == "Allow"
        for action in _every(statement["Action"])
        for resource in _every(statement["Resource"])
    ]


def roles(cloud: OfflineCloud) -> dict[str, str]:
    """The role's name of each function."""
    functions = cloud.client("lambda").get_paginator("list_functions").paginate()
    return {
        each["FunctionName"]: each["Role"].rpartition("/")[2]
        for page in functions
        for each in page["Functions"]
    }


def unused(cloud: OfflineCloud) -> list[Grant]:
    """The grants by which nothing was done since the cloud was deployed."""
    used: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for use in cloud.access.uses:
        used[use.statement, use.action].append(use.resource)
    return [each for each in grants(cloud) if not was_used(each, used.get((each.statement, each.action), []))]


def was_used(grant: Grant, resources: list[str]) -> bool:
    pattern = re.escape(grant.resource).replace(r"\*", ".*")
    return any(re.fullmatch(pattern, resource) for resource in resources)


def _statements(cloud: OfflineCloud, role: str) -> Iterator[tuple[str, dict[str, Any]]]:
    iam = cloud.client("iam")
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for number, statement in enumerate(document["Statement"]):
            yield f"{role}/{name}[{statement.get('Sid') or number}]", statement


def _every(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
