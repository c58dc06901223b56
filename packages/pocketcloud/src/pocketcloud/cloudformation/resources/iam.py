"""IAM: roles and their policies, which are enforced on every call of a function."""

import json

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.intrinsics import Value
from pocketcloud.cloudformation.resources.json_document import as_policy, as_resource_policy
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType
from pocketcloud.iam.account_policies import evaluated_part

POLICY_NAME_CHARACTERS = 128


def _create_role(request: CreateRequest) -> Created:
    name = request.name("RoleName")
    role = request.client("iam").create_role(
        RoleName=name,
        AssumeRolePolicyDocument=as_resource_policy(request.properties["AssumeRolePolicyDocument"]),
        **request.pick("Description", "MaxSessionDuration", "Path", "PermissionsBoundary"),
    )["Role"]
    put_role_policies(request, name)
    return Created(ref=name, attributes={"Arn": role["Arn"], "RoleId": role["RoleId"]})


def put_role_policies(request: CreateRequest, role: str) -> None:
    """Put the role's inline policies and attach its managed ones."""
    for policy in request.properties.get("Policies", []):
        _put_policy(request, role, policy["PolicyName"], policy["PolicyDocument"])
    for arn in request.properties.get("ManagedPolicyArns", []):
        _attach(request, role, arn)


def _put_policy(request: CreateRequest, role: str, name: str, document: Value) -> None:
    request.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=as_policy(document))


def _attach(request: CreateRequest, role: str, arn: str) -> None:
    if ":iam::aws:policy/" in arn:
        _put_policy(request, role, arn.rpartition("/")[2], _aws_managed_policy(arn))
        return
    request.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)


def _aws_managed_policy(arn: str) -> Value:
    """Return the document of an AWS managed policy, as far as it is evaluated."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415 - loads in 0.5 s

    known = json.loads(aws_managed_policies_data).get(arn.rpartition("/")[2])
    if known is None:
        raise ResourceError(f"ManagedPolicyArns: {arn} does not exist")
    return evaluated_part(json.dumps(known["Document"]))


def create_policy(request: CreateRequest) -> Created:
    """Put an inline policy on each of its roles."""
    name = request.properties["PolicyName"]
    for role in request.properties["Roles"]:
        _put_policy(request, role, name, request.properties["PolicyDocument"])
    return Created(ref=name, attributes={"Id": name})


def _create_managed_policy(request: CreateRequest) -> Created:
    arn = request.client("iam").create_policy(
        PolicyName=request.name("ManagedPolicyName", max_characters=POLICY_NAME_CHARACTERS),
        PolicyDocument=as_policy(request.properties["PolicyDocument"]),
        **request.pick("Description", "Path"),
    )["Policy"]["Arn"]
    for role in request.properties.get("Roles", []):
        _attach(request, role, arn)
    return Created(ref=arn, attributes={"PolicyArn": arn})


TYPES = (
    ResourceType(
        name="AWS::IAM::Role",
        create=_create_role,
        supported=frozenset(
            {
                "AssumeRolePolicyDocument",
                "Description",
                "ManagedPolicyArns",
                "MaxSessionDuration",
                "Path",
                "PermissionsBoundary",
                "Policies",
                "RoleName",
            }
        ),
        ignored=TAGS,
    ),
    ResourceType(
        name="AWS::IAM::Policy",
        create=create_policy,
        supported=frozenset({"PolicyDocument", "PolicyName", "Roles"}),
    ),
    ResourceType(
        name="AWS::IAM::ManagedPolicy",
        create=_create_managed_policy,
        supported=frozenset({"Description", "ManagedPolicyName", "Path", "PolicyDocument", "Roles"}),
    ),
)
