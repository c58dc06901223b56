"""Changes and deletion of schedules and their groups."""

from pocketcloud.cloudformation.resources import scheduler
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _update_schedule(existing: Existing, request: CreateRequest) -> Created:
    options = request.pick(*scheduler.OPTIONS)
    existing.client("scheduler").update_schedule(Name=existing.physical_id, **options)
    return existing.created


def _delete_schedule(existing: Existing) -> None:
    group = existing.properties.get("GroupName", "default")
    existing.client("scheduler").delete_schedule(Name=existing.physical_id, GroupName=group)


def _delete_group(existing: Existing) -> None:
    existing.client("scheduler").delete_schedule_group(Name=existing.physical_id)


LIFECYCLES = {
    "AWS::Scheduler::Schedule": Lifecycle(
        update=_update_schedule,
        delete=_delete_schedule,
        replaces=frozenset({"GroupName", "Name"}),
        custom_name="Name",
    ),
    "AWS::Scheduler::ScheduleGroup": Lifecycle(delete=_delete_group, custom_name="Name"),
}
