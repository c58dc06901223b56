"""EventBridge's scheduled rules: fired by the virtual clock, in the background, once a period."""

import json
import re
from collections import Counter
from datetime import timedelta
from functools import partial

from moto.events.models import Rule
from moto.moto_api._internal import mock_random

from pocketcloud.core.engine import Engine, UnsupportedOfflineError
from pocketcloud.eventbridge.targets import Event, Targets

_RATE = re.compile(r"rate\((?P<count>[1-9]\d*) (?P<unit>minute|hour|day)s?\)")


class Schedules:
    """All scheduled rules of the default bus, the only one that has any; moto keeps the rules."""

    def __init__(self, engine: Engine, targets: Targets) -> None:
        self._engine = engine
        self._targets = targets
        self._generations: Counter[str] = Counter()
        """How often each rule was put: what was planned for an earlier one is void."""

    def begin(self, rule: Rule) -> None:
        """Count the rule's periods from now, as EventBridge does when a rule is created or changed."""
        self._generations[rule.name] += 1
        if rule.scheduled_expression:
            self._plan(rule, self._generations[rule.name])

    def restart(self) -> None:
        """Begin every schedule anew: the scheduler has forgotten what was planned."""
        for rule in self._engine.events.event_buses["default"].rules.values():
            self.begin(rule)

    def _plan(self, rule: Rule, generation: int) -> None:
        period = period_of(str(rule.scheduled_expression))
        action = partial(self._fire, rule.name, generation)
        self._engine.scheduler.after(period, action, what=f"rule/{rule.name}", background=True)

    def _fire(self, name: str, generation: int) -> None:
        rule = self._engine.events.event_buses["default"].rules.get(name)
        if rule is None or self._generations[name] != generation:
            return
        self._plan(rule, generation)
        if rule.state == "ENABLED":
            for target in rule.targets:
                self._targets.dispatch(rule, target, self._event(rule))

    def _event(self, rule: Rule) -> Event:
        """What a target gets: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html."""
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
        return Event(envelope, json.dumps(envelope, separators=(",", ":")), None)


def period_of(expression: str) -> timedelta:
    """The period of `rate(5 minutes)`; `cron(…)` is refused by name."""
    rate = _RATE.fullmatch(expression)
    if rate is None:
        raise UnsupportedOfflineError(f"{expression} is not carried out offline: only rate(…) is")
    return timedelta(**{f"{rate['unit']}s": int(rate["count"])})
