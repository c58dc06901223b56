"""Scheduled rules: fire once per period of virtual time, in the background."""

import json
import re
from collections import Counter
from datetime import timedelta
from functools import partial

from moto.events.models import Rule
from moto.moto_api._internal import mock_random

from pocketcloud.core.engine import Engine, UnsupportedOfflineError
from pocketcloud.eventbridge.targets import BusEvent, Targets

_RATE = re.compile(r"rate\((?P<count>[1-9]\d*) (?P<unit>minute|hour|day)s?\)")


class Schedules:
    """All scheduled rules of the default bus, the only bus that can have any."""

    def __init__(self, engine: Engine, targets: Targets) -> None:
        self._engine = engine
        self._targets = targets
        self._generations: Counter[str] = Counter()
        """Number of times each rule was put; actions planned for an earlier generation are void."""

    def begin(self, rule: Rule) -> None:
        """Start the rule's periods now, as EventBridge does when a rule is created or changed."""
        self._generations[rule.name] += 1
        if rule.scheduled_expression:
            self._plan(rule, self._generations[rule.name])

    def restart(self) -> None:
        """Restart every schedule after the scheduler was cleared."""
        for rule in self._engine.events.event_buses["default"].rules.values():
            self.begin(rule)

    def _plan(self, rule: Rule, generation: int) -> None:
        period = period_of(str(rule.scheduled_expression))
        action = partial(self._fire, rule.name, generation)
        self._engine.scheduler.after(period, action, label=f"rule/{rule.name}", background=True)

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
        envelope = {
            "version": "0",
            "id": str(mock_random.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self._engine.account,
            "time": self._engine.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self._engine.region,
            "resources": [rule.arn],
            "detail": {},
        }
        return BusEvent(envelope, json.dumps(envelope, separators=(",", ":")), None)


def period_of(expression: str) -> timedelta:
    """Return the period of a `rate(…)` expression; reject `cron(…)`."""
    rate = _RATE.fullmatch(expression)
    if rate is None:
        raise UnsupportedOfflineError(f"{expression} is not supported offline: use rate(…)")
    return timedelta(**{f"{rate['unit']}s": int(rate["count"])})
