"""IAM: roles and policies, kept for the day when permissions are checked."""

from offline.intrinsics import Value
from offline.resources.json_document import as_text
from offline.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

NOT_CHECKED = "what a role may do is not checked"
POLICY_NAME = 128


def _create_role(request: CreateRequest) -> Created:
    name = request.name("RoleName")
    role = request.client("iam").create_role(
        RoleName=name,
        AssumeRolePolicyDocument=as_text(request.properties["AssumeRolePolicyDocument"]),
        **request.given("Description", "MaxSessionDuration", "Path", "PermissionsBoundary"),
    )["Role"]
    for policy in request.properties.get("Policies", []):
        _put_policy(request, name, policy["PolicyName"], policy["PolicyDocument"])
    for arn in request.properties.get("ManagedPolicyArns", []):
        _attach(request, name, arn)
    return Created(ref=name, attributes={"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _put_policy(request: CreateRequest, role: str, name: str, document: Value) -> None:
    request.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=as_text(document))


def _attach(request: CreateRequest, role: str, arn: str) -> None:
    if ":iam::aws:policy/" in arn:
        # moto holds AWS's own policies only if asked to load all of them, which takes seconds.
        request.account.not_enforced.append(
            f"{request.stack}/{request.logical_id} (AWS::IAM::Role): {arn} is not attached"
        )
        return
    request.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)


def _create_policy(request: CreateRequest) -> Created:
    name = request.properties["PolicyName"]
    for role in request.properties["Roles"]:
        _put_policy(request, role, name, request.properties["PolicyDocument"])
    return Created(ref=name, attributes={"Id": name})


def _create_managed_policy(request: CreateRequest) -> Created:
    arn = request.client("iam").create_policy(
        PolicyName=request.name("ManagedPolicyName", longest=POLICY_NAME),
        PolicyDocument=as_text(request.properties["PolicyDocument"]),
        **request.given("Description", "Path"),
    )["Policy"]["Arn"]
    for role in request.properties.get("Roles", []):
        _attach(request, role, arn)
    return Created(ref=arn, attributes={"PolicyArn": arn})


TYPES = (
    ResourceType(
        name="AWS::IAM::Role",
        create=_create_role,
        carried_out=frozenset(
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
        left_out=TAGS,
        not_enforced=NOT_CHECKED,
    ),
    ResourceType(
        name="AWS::IAM::Policy",
        create=_create_policy,
        carried_out=frozenset({"PolicyDocument", "PolicyName", "Roles"}),
        not_enforced=NOT_CHECKED,
    ),
    ResourceType(
        name="AWS::IAM::ManagedPolicy",
        create=_create_managed_policy,
        carried_out=frozenset({"Description", "ManagedPolicyName", "Path", "PolicyDocument", "Roles"}),
        not_enforced=NOT_CHECKED,
    ),
)
