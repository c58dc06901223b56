"""CloudWatch's alarms, evaluated once a minute of virtual time; moto keeps them and their states."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends

from pocketcloud.cloudwatch.alarm_condition import Watch, watch_of
from pocketcloud.cloudwatch.alarm_rule import CompositeRule
from pocketcloud.cloudwatch.metrics import MINUTE, Metrics, next_minute
from pocketcloud.cloudwatch.queue_metrics import QueueMetrics
from pocketcloud.core.engine import Engine
from pocketcloud.sns.topics import Topics


class State(StrEnum):
    """An alarm's state."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm's way from one state to another."""

    at: datetime
    alarm: str
    before: State
    after: State
    reason: str


class Alarms:
    """Tells the topics of an alarm when it changes its state.

    Each minute the last periods are looked at, as many as the alarm evaluates; a few more, which CloudWatch
    takes into account where some are missing, are not. Composite alarms come after those they are about.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
    """

    def __init__(self, engine: Engine, metrics: Metrics, queues: QueueMetrics, topics: Topics) -> None:
        self._engine = engine
        self._metrics = metrics
        self._queues = queues
        self._topics = topics
        self._awake: set[str] = set()
        """Alarms whose metric was measured lately, or that have not come to rest."""
        self._known: set[str] = set()
        """Alarms that have been looked at."""
        self._watches: dict[str, tuple[Alarm, Watch]] = {}
        """What each alarm watches, as long as it is the same alarm."""
        self._rules: dict[str, CompositeRule] = {}
        """The rules of composite alarms, by their text."""
        self.changes: list[Change] = []
        """Every change of state, the oldest first."""

    @property
    def ringing(self) -> list[str]:
        """The alarms in the state ALARM, by name."""
        return sorted(name for name, alarm in self._all().items() if alarm.state_value == State.ALARM)

    def restart(self) -> None:
        """Forget all states and begin to look once a minute, at whole minutes."""
        self.changes.clear()
        self._awake.clear()
        self._known.clear()
        self._plan()

    def _plan(self) -> None:
        when = next_minute(self._engine.clock.now())
        self._engine.scheduler.at(when, self._look, what="alarms", background=True)

    def _look(self) -> None:
        self._plan()
        now = self._engine.clock.now()
        self._queues.measure(now - MINUTE)
        fresh, self._metrics.fresh = self._metrics.fresh, set()
        for name, alarm in self._all().items():
            if alarm.rule is not None:
                continue
            if name not in self._known:
                self._known.add(name)
                alarm.state_value = State.INSUFFICIENT_DATA
                self._evaluate(alarm, now)
            elif name in self._awake or self._watch(alarm).metric in fresh:
                self._evaluate(alarm, now)
        self._look_at_composites(now)

    def _look_at_composites(self, now: datetime) -> None:
        """Again as long as one changes its state: a composite alarm may be about another."""
        composites = [alarm for alarm in self._all().values() if alarm.rule is not None]
        for alarm in composites:
            if alarm.name not in self._known:
                self._known.add(alarm.name)
                alarm.state_value = State.INSUFFICIENT_DATA
        for _ in composites:
            changed = [self._evaluate_rule(alarm, now) for alarm in composites]
            if not any(changed):
                break

    def _evaluate_rule(self, alarm: Alarm, now: datetime) -> bool:
        """Whether the composite alarm's state is another than before."""
        text = str(alarm.rule)
        if text not in self._rules:
            self._rules[text] = CompositeRule(text)
        rule = self._rules[text]
        after = State.ALARM if rule.holds(lambda name: str(self._all()[name].state_value)) else State.OK
        if after == alarm.state_value:
            return False
        ringing = sorted(name for name in rule.alarms if self._all()[name].state_value == State.ALARM)
        self._change(alarm, now, after, f"In the state ALARM: {', '.join(ringing) or 'none'}.")
        return True

    def _watch(self, alarm: Alarm) -> Watch:
        known, watch = self._watches.get(alarm.name, (None, None))
        if watch is None or known is not alarm:
            watch = watch_of(alarm)
            self._watches[alarm.name] = alarm, watch
        return watch

    def _evaluate(self, alarm: Alarm, now: datetime) -> None:
        watch = self._watch(alarm)
        ends = [now - index * watch.period for index in range(int(alarm.evaluation_periods))]
        values = [watch.value(self._metrics, end) for end in ends]
        known = [value for value in values if value is not None]

        def breaching() -> int:
            pairs = zip(values, ends, strict=True)
            return sum(
                watch.is_breached(value, self._metrics, end) for value, end in pairs if value is not None
            )

        after = _state(alarm, len(values) - len(known), breaching)
        # Without data and at rest, nothing can change before something is measured again.
        resting = after is not State.ALARM and not known
        (self._awake.discard if resting else self._awake.add)(alarm.name)
        if after != alarm.state_value:
            reason = f"{len(known)} of the last {len(values)} periods were measured: {known}."
            self._change(alarm, now, after, reason)

    def _change(self, alarm: Alarm, now: datetime, after: State, reason: str) -> None:
        before = State(alarm.state_value)
        alarm.update_state(reason, "{}", after)
        self.changes.append(Change(now, alarm.name, before, after, reason))
        for arn in _actions(alarm, after) if alarm.actions_enabled else ():
            self._tell(arn, self.changes[-1])

    def _tell(self, arn: str, change: Change) -> None:
        alarm, ask = self._all()[change.alarm].alarm_arn, self._engine.access.ask_service
        if ask("cloudwatch.amazonaws.com", "sns:Publish", arn, source_arn=alarm):
            return  # the alarm's history says so; nobody else hears of it
        topic = self._engine.sns.topics[arn]
        # Else each new alarm's first OK would stand in the journal as a message that reached nobody.
        if any(subscription.topic is topic for subscription in self._engine.sns.subscriptions.values()):
            self._topics.publish(topic, json.dumps(self._notice(change)))

    def _notice(self, change: Change) -> dict[str, Any]:
        """What a subscriber of the alarm's topic reads, as far as it concerns the change."""
        alarm = self._all()[change.alarm]
        return {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description,
            "AWSAccountId": self._engine.account,
            "Region": self._engine.region,
            "AlarmArn": alarm.alarm_arn,
            "OldStateValue": change.before,
            "NewStateValue": change.after,
            "NewStateReason": change.reason,
            "StateChangeTime": change.at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        }

    def _all(self) -> dict[str, Alarm]:
        backend: CloudWatchBackend = cloudwatch_backends[self._engine.account][self._engine.region]
        return backend.alarms


def _state(alarm: Alarm, missing: int, breaching: Callable[[], int]) -> State:
    """By the rule `M out of N`, with missing periods treated as the alarm says."""
    treatment, periods = alarm.treat_missing_data or "missing", int(alarm.evaluation_periods)
    if missing == periods and treatment == "missing":
        return State.INSUFFICIENT_DATA
    if missing == periods and treatment == "ignore":
        return State(alarm.state_value)
    needed = int(alarm.datapoints_to_alarm or periods)
    found = breaching() + (missing if treatment == "breaching" else 0)
    return State.ALARM if found >= needed else State.OK


def _actions(alarm: Alarm, state: State) -> list[str]:
    return {
        State.OK: alarm.ok_actions,
        State.ALARM: alarm.alarm_actions,
        State.INSUFFICIENT_DATA: alarm.insufficient_data_actions,
    }[state]
