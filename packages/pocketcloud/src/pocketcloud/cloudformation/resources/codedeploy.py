"""CodeDeploy, which shifts traffic when a deployed alias is updated; offline everything is deployed once."""

from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

NO_SHIFT = "a new version is shifted to in an account only; offline an alias names one version from the start"
GROUP = (
    "AlarmConfiguration",
    "ApplicationName",
    "AutoRollbackConfiguration",
    "DeploymentConfigName",
    "DeploymentGroupName",
    "DeploymentStyle",
    "ServiceRoleArn",
)


def _leave_application(request: CreateRequest) -> Created:
    return Created(ref=request.name("ApplicationName", longest=100))


def _leave_group(request: CreateRequest) -> Created:
    return Created(ref=request.name("DeploymentGroupName", longest=100))


TYPES = (
    ResourceType(
        name="AWS::CodeDeploy::Application",
        create=_leave_application,
        supported=frozenset({"ApplicationName"}),
        ignored={**TAGS, "ComputePlatform": NO_SHIFT},
        not_enforced=NO_SHIFT,
    ),
    ResourceType(
        name="AWS::CodeDeploy::DeploymentGroup",
        create=_leave_group,
        supported=frozenset(),
        ignored={**TAGS, **dict.fromkeys(GROUP, NO_SHIFT)},
        not_enforced=f"{NO_SHIFT}, and no alarm rolls it back",
    ),
)
