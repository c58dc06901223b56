"""EventBridge Scheduler: moto stores schedules; `TimedSchedules` runs them."""

from moto.scheduler.exceptions import ScheduleGroupNotFound
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule

from pocketcloud.eventbridge.schedule_rules import check_schedule
from pocketcloud.eventbridge.timed_schedules import TimedSchedules
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_UPDATE = (
    "self description end_date flexible_time_window group_name kms_key_arn name schedule_expression"
    " schedule_expression_timezone start_date state target"
)
_CREATE = f"{_UPDATE} action_after_completion"


def patches(schedules: TimedSchedules) -> list[MotoPatch]:
    """Return the patches to moto's EventBridge Scheduler."""
    create, update = EventBridgeSchedulerBackend.create_schedule, EventBridgeSchedulerBackend.update_schedule

    def create_schedule(backend: EventBridgeSchedulerBackend, call: Call) -> Schedule:
        _check(call)
        if (call["group_name"] or "default") not in backend.schedule_groups:
            raise ScheduleGroupNotFound(call["group_name"])
        schedule = create(backend, **call)
        schedules.begin(schedule)
        return schedule

    def update_schedule(backend: EventBridgeSchedulerBackend, call: Call) -> Schedule:
        _check(call)
        # A parameter that UpdateSchedule leaves out returns to its default.
        schedule = update(backend, **{**call, "state": call["state"] or "ENABLED"})
        schedules.begin(schedule)
        return schedule

    return [
        MotoPatch(EventBridgeSchedulerBackend, "create_schedule", _CREATE, create_schedule),
        MotoPatch(EventBridgeSchedulerBackend, "update_schedule", _UPDATE, update_schedule),
    ]


def _check(call: Call) -> None:
    check_schedule(
        call["name"],
        call["schedule_expression"],
        call["schedule_expression_timezone"],
        call["flexible_time_window"],
        call["target"],
    )
