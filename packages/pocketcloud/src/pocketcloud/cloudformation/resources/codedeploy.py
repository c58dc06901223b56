"""CodeDeploy, which shifts traffic when an alias is updated; offline everything is deployed once."""

from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

NO_SHIFT = "offline there are no deployments of new versions, so there is no traffic to shift"
GROUP = (
    "AlarmConfiguration",
    "ApplicationName",
    "AutoRollbackConfiguration",
    "DeploymentConfigName",
    "DeploymentGroupName",
    "DeploymentStyle",
    "ServiceRoleArn",
)


def _ignore_application(request: CreateRequest) -> Created:
    return Created(ref=request.name("ApplicationName", max_characters=100))


def _ignore_group(request: CreateRequest) -> Created:
    return Created(ref=request.name("DeploymentGroupName", max_characters=100))


TYPES = (
    ResourceType(
        name="AWS::CodeDeploy::Application",
        create=_ignore_application,
        supported=frozenset({"ApplicationName"}),
        ignored={**TAGS, "ComputePlatform": NO_SHIFT},
        not_enforced=NO_SHIFT,
    ),
    ResourceType(
        name="AWS::CodeDeploy::DeploymentGroup",
        create=_ignore_group,
        supported=frozenset(),
        ignored={**TAGS, **dict.fromkeys(GROUP, NO_SHIFT)},
        not_enforced=f"{NO_SHIFT} or to roll back",
    ),
)
