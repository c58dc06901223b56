"""Changes and deletion of roles and policies."""

from collections.abc import Mapping
from typing import Any

from pocketcloud.cloudformation.resources import iam
from pocketcloud.cloudformation.resources.json_document import as_policy, as_resource_policy
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _update_role(existing: Existing, request: CreateRequest) -> Created:
    client, name, properties = existing.client("iam"), existing.physical_id, request.properties
    trust = as_resource_policy(properties["AssumeRolePolicyDocument"])
    client.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    description, seconds = properties.get("Description", ""), properties.get("MaxSessionDuration", 3600)
    client.update_role(RoleName=name, Description=description, MaxSessionDuration=seconds)
    _clear_role(existing, keep=_inline(properties), keep_attached=_attached(properties))
    iam.put_role_policies(request, name)
    if boundary := properties.get("PermissionsBoundary"):
        client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    elif "PermissionsBoundary" in existing.properties:
        client.delete_role_permissions_boundary(RoleName=name)
    return existing.created


def _inline(properties: Mapping[str, Any]) -> set[str]:
    """Names of the role's own inline policies; AWS's managed policies are inline offline."""
    managed = {arn.rpartition("/")[2] for arn in properties.get("ManagedPolicyArns", []) if _is_of_aws(arn)}
    return managed | {policy["PolicyName"] for policy in properties.get("Policies", [])}


def _attached(properties: Mapping[str, Any]) -> set[str]:
    return {arn for arn in properties.get("ManagedPolicyArns", []) if not _is_of_aws(arn)}


def _is_of_aws(arn: str) -> bool:
    return ":iam::aws:policy/" in arn


def _clear_role(existing: Existing, keep: set[str], keep_attached: set[str]) -> None:
    client, name = existing.client("iam"), existing.physical_id
    for policy in sorted(_inline(existing.properties) - keep):
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    for arn in sorted(_attached(existing.properties) - keep_attached):
        client.detach_role_policy(RoleName=name, PolicyArn=arn)


def _delete_role(existing: Existing) -> None:
    _clear_role(existing, keep=set(), keep_attached=set())
    existing.client("iam").delete_role(RoleName=existing.physical_id)


def _update_policy(existing: Existing, request: CreateRequest) -> Created:
    _delete_from(existing, set(existing.properties["Roles"]) - set(request.properties["Roles"]))
    return iam.create_policy(request)


def _delete_policy(existing: Existing) -> None:
    _delete_from(existing, set(existing.properties["Roles"]))


def _delete_from(existing: Existing, roles: set[str]) -> None:
    for role in sorted(roles):
        existing.client("iam").delete_role_policy(RoleName=role, PolicyName=existing.physical_id)


def _update_managed_policy(existing: Existing, request: CreateRequest) -> Created:
    client, arn = existing.client("iam"), existing.physical_id
    versions = client.list_policy_versions(PolicyArn=arn)["Versions"]
    document = as_policy(request.properties["PolicyDocument"])
    client.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    for version in versions:
        client.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    old, new = set(existing.properties.get("Roles", [])), set(request.properties.get("Roles", []))
    for role in sorted(old - new):
        client.detach_role_policy(RoleName=role, PolicyArn=arn)
    for role in sorted(new - old):
        client.attach_role_policy(RoleName=role, PolicyArn=arn)
    return existing.created


def _delete_managed_policy(existing: Existing) -> None:
    for role in existing.properties.get("Roles", []):
        existing.client("iam").detach_role_policy(RoleName=role, PolicyArn=existing.physical_id)
    existing.client("iam").delete_policy(PolicyArn=existing.physical_id)


LIFECYCLES = {
    "AWS::IAM::Role": Lifecycle(
        update=_update_role,
        delete=_delete_role,
        replaces=frozenset({"Path", "RoleName"}),
        custom_name="RoleName",
    ),
    "AWS::IAM::Policy": Lifecycle(
        update=_update_policy, delete=_delete_policy, replaces=frozenset({"PolicyName"})
    ),
    "AWS::IAM::ManagedPolicy": Lifecycle(
        update=_update_managed_policy,
        delete=_delete_managed_policy,
        replaces=frozenset({"Description", "ManagedPolicyName", "Path"}),
        custom_name="ManagedPolicyName",
    ),
}
