"""EventBridge Scheduler: run schedules at their times, in the background of virtual time."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from moto.moto_api._internal import mock_random
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends

from pocketcloud.core.engine import Engine
from pocketcloud.core.journal import event_in
from pocketcloud.core.service_event import service_event
from pocketcloud.eventbridge.delivery_origin import schedule_origin
from pocketcloud.eventbridge.dispatch import ATTEMPT, BusEvent
from pocketcloud.eventbridge.schedule_expressions import is_one_time, next_run
from pocketcloud.eventbridge.schedule_rules import zone_of
from pocketcloud.eventbridge.targets import Targets

_DELETE = "DELETE"


class TimedSchedules:
    """All schedules of EventBridge Scheduler; moto stores them."""

    def __init__(self, engine: Engine, targets: Targets) -> None:
        self._engine = engine
        self._targets = targets
        self._generations: Counter[str] = Counter()
        """Number of times each schedule was put; actions planned for an earlier generation are void."""
        self._since: dict[str, datetime] = {}
        """When each schedule was put, or its start date; a rate counts its periods from then."""

        self._of_functions: set[str] = set()
        """Schedules that functions put, which are data and no part of the deployment."""

    @property
    def store(self) -> EventBridgeSchedulerBackend:
        """EventBridge Scheduler's store."""
        return scheduler_backends[self._engine.account][self._engine.region]

    def begin(self, schedule: Schedule) -> None:
        """Plan the schedule's next run, after it was created or changed."""
        self._generations[schedule.arn] += 1
        if self._engine.running:
            self._of_functions.add(schedule.arn)
        now = self._engine.clock.now()
        self._since[schedule.arn] = max(now, _time_of(schedule.start_date) or now)
        self._plan(schedule, now)

    def restart(self) -> None:
        """Restart every schedule after the scheduler was cleared."""
        for group in self.store.schedule_groups.values():
            for schedule in group.schedules.values():
                self.begin(schedule)

    def clear(self) -> None:
        """Delete the schedules that functions put; keep those of the deployment."""
        for group in self.store.schedule_groups.values():
            kept = {
                name: each for name, each in group.schedules.items() if each.arn not in self._of_functions
            }
            group.schedules = kept
        self._of_functions.clear()

    def _plan(self, schedule: Schedule, after: datetime) -> None:
        start, end = _time_of(schedule.start_date), _time_of(schedule.end_date)
        earliest = after if start is None else max(after, start - timedelta(seconds=1))
        zone = zone_of(schedule.schedule_expression_timezone)
        since = self._since[schedule.arn]
        when = next_run(schedule.schedule_expression, earliest, since=since, zone=zone)
        if when is None or (end is not None and when > end):
            self._finish(schedule)
            return
        minutes = schedule.flexible_time_window.get("MaximumWindowInMinutes", 0)
        delay = timedelta(seconds=self._engine.scheduler.random.uniform(0, minutes * 60) if minutes else 0)
        action = partial(self._fire, schedule, self._generations[schedule.arn], when)
        self._engine.scheduler.at(when + delay, action, label=_label(schedule), background=True)

    def _fire(self, schedule: Schedule, generation: int, scheduled: datetime) -> None:
        group = self.store.schedule_groups.get(schedule.group_name)
        if group is None or group.schedules.get(schedule.name) is not schedule:
            return
        if self._generations[schedule.arn] != generation:
            return
        if schedule.state == "ENABLED":
            self._run(schedule, scheduled)
        if is_one_time(schedule.schedule_expression):
            self._finish(schedule)
        else:
            self._plan(schedule, scheduled)

    def _finish(self, schedule: Schedule) -> None:
        """Delete a schedule that will not run again, if it asks for that."""
        if schedule.action_after_completion == _DELETE:
            self.store.schedule_groups[schedule.group_name].schedules.pop(schedule.name, None)

    def _run(self, schedule: Schedule, scheduled: datetime) -> None:
        execution = str(mock_random.uuid4())
        values = {
            "schedule-arn": schedule.arn,
            "scheduled-time": f"{scheduled:%Y-%m-%dT%H:%M:%SZ}",
            "execution-id": execution,
        }
        target = {name: value for name, value in schedule.target.items() if name != "EventBridgeParameters"}
        envelope = self._envelope(schedule, execution, scheduled)
        if "Input" in target:
            for name, value in values.items():
                target["Input"] = target["Input"].replace(f"<aws.scheduler.{name}>", value)
        if "EventBridgeParameters" in schedule.target:
            # The envelope is built once, before the first attempt.
            detail = target.pop("Input", "{}").replace(ATTEMPT, "1")
            envelope |= _own_event(schedule.target["EventBridgeParameters"], detail)
        attributes = {"EXECUTION_ID": execution, "SCHEDULED_TIME": values["scheduled-time"]}
        origin = schedule_origin(schedule.arn, schedule.name, schedule.group_name, attributes)
        event = BusEvent(envelope, json.dumps(envelope, separators=(",", ":")), event_in(envelope["detail"]))
        self._targets.dispatch_from(origin, target, event)

    def _envelope(self, schedule: Schedule, execution: str, scheduled: datetime) -> dict[str, Any]:
        """Build the event that a target without input receives.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
        """
        return service_event(
            self._engine.access.location,
            scheduled,
            source="aws.scheduler",
            kind="Scheduled Event",
            resource=schedule.arn,
            detail="{}",
            identifier=execution,
        )


def _own_event(parameters: Mapping[str, str], detail: str) -> dict[str, Any]:
    """Return the fields of an event that the schedule puts on a bus."""
    return {
        "detail-type": parameters["DetailType"],
        "source": parameters["Source"],
        "resources": [],
        "detail": json.loads(detail),
    }


def _time_of(stored: object) -> datetime | None:
    """Return a start or end date as moto stores it: seconds of the epoch, or text."""
    if stored is None:
        return None
    if isinstance(stored, (int, float)):
        return datetime.fromtimestamp(stored, UTC)
    return datetime.fromisoformat(str(stored)).astimezone(UTC)


def _label(schedule: Schedule) -> str:
    return f"schedule/{schedule.name}"
