"""Application Auto Scaling, which moves a table's provisioned units; offline no table runs out of them."""

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest, ResourceType

NO_LIMIT = "offline a table takes every request, so there are no units to scale"
TARGET = ("MaxCapacity", "MinCapacity", "RoleARN", "ScheduledActions", "SuspendedState")
POLICY = (
    "PolicyType",
    "ScalableDimension",
    "ServiceNamespace",
    "ResourceId",
    "ScalingTargetId",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
)


def _ignore_target(request: CreateRequest) -> Created:
    if (scaled := request.properties["ServiceNamespace"]) != "dynamodb":
        raise ResourceError(f"ServiceNamespace: only tables are scaled offline, so dynamodb, not {scaled}")
    named = (request.properties[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
    return Created(ref="|".join(map(str, named)))


def _ignore_policy(request: CreateRequest) -> Created:
    return Created(ref=request.name("PolicyName", max_characters=256))


TYPES = (
    ResourceType(
        name="AWS::ApplicationAutoScaling::ScalableTarget",
        create=_ignore_target,
        supported=frozenset({"ResourceId", "ScalableDimension", "ServiceNamespace"}),
        ignored=dict.fromkeys(TARGET, NO_LIMIT),
        not_enforced=NO_LIMIT,
    ),
    ResourceType(
        name="AWS::ApplicationAutoScaling::ScalingPolicy",
        create=_ignore_policy,
        supported=frozenset({"PolicyName"}),
        ignored=dict.fromkeys(POLICY, NO_LIMIT),
        not_enforced=NO_LIMIT,
    ),
)
