"""Scheduled rules: fire once per period of virtual time, in the background."""

import json
from collections import Counter
from datetime import datetime
from functools import partial

from moto.events.models import Rule

from pocketcloud.core.engine import Engine
from pocketcloud.core.service_event import service_event
from pocketcloud.eventbridge.dispatch import BusEvent
from pocketcloud.eventbridge.schedule_expressions import next_run
from pocketcloud.eventbridge.targets import Targets


class Schedules:
    """All scheduled rules of the default bus, the only bus that can have any."""

    def __init__(self, engine: Engine, targets: Targets) -> None:
        self._engine = engine
        self._targets = targets
        self._generations: Counter[str] = Counter()
        """Number of times each rule was put; actions planned for an earlier generation are void."""

        self._since: dict[str, datetime] = {}
        """When each rule was put; a rate counts its periods from then."""

    def begin(self, rule: Rule) -> None:
        """Start the rule's periods now, as EventBridge does when a rule is created or changed."""
        self._generations[rule.name] += 1
        self._since[rule.name] = self._engine.clock.now()
        if rule.scheduled_expression:
            self._plan(rule, self._generations[rule.name])

    def restart(self) -> None:
        """Restart every schedule after the scheduler was cleared."""
        for rule in self._engine.events.event_buses["default"].rules.values():
            self.begin(rule)

    def _plan(self, rule: Rule, generation: int) -> None:
        now = self._engine.clock.now()
        when = next_run(str(rule.scheduled_expression), now, since=self._since[rule.name])
        if when is not None:
            action = partial(self._fire, rule.name, generation)
            self._engine.scheduler.at(when, action, label=f"rule/{rule.name}", background=True)

    def _fire(self, name: str, generation: int) -> None:
        rule = self._engine.events.event_buses["default"].rules.get(name)
        if rule is None or self._generations[name] != generation:
            return
        self._plan(rule, generation)
        if rule.state == "ENABLED":
            for target in rule.targets:
                self._targets.dispatch(rule, target, self._event(rule))

    def _event(self, rule: Rule) -> BusEvent:
        """Build the scheduled event: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html."""
        envelope = service_event(
            self._engine.access.location,
            self._engine.clock.now(),
            source="aws.events",
            kind="Scheduled Event",
            resource=rule.arn,
            detail={},
        )
        return BusEvent(envelope, json.dumps(envelope, separators=(",", ":")), None)
