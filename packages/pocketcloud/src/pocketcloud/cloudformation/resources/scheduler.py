"""EventBridge Scheduler: schedule groups and schedules."""

from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType
from pocketcloud.cloudformation.resources.sqs import require_queue

OPTIONS = (
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "KmsKeyArn",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
)


def _create_group(request: CreateRequest) -> Created:
    name = request.name("Name")
    arn = request.client("scheduler").create_schedule_group(Name=name)["ScheduleGroupArn"]
    return Created(ref=name, attributes={"Arn": arn, "State": "ACTIVE"})


def _create_schedule(request: CreateRequest) -> Created:
    name = request.name("Name")
    dead_letters = request.properties["Target"].get("DeadLetterConfig", {})
    if "Arn" in dead_letters:
        require_queue(request, dead_letters["Arn"])
    arn = request.client("scheduler").create_schedule(Name=name, **request.pick(*OPTIONS))["ScheduleArn"]
    return Created(ref=name, attributes={"Arn": arn})


TYPES = (
    ResourceType(
        name="AWS::Scheduler::ScheduleGroup",
        create=_create_group,
        supported=frozenset({"Name"}),
        ignored=TAGS,
    ),
    ResourceType(
        name="AWS::Scheduler::Schedule",
        create=_create_schedule,
        supported=frozenset({"Name", *OPTIONS}),
    ),
)
