"""CloudWatch's alarms, evaluated once a minute of virtual time; moto keeps them and their states."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends

from offline.engine import Engine
from offline.metrics import MINUTE, Metric, Metrics, next_minute
from offline.queue_metrics import QueueMetrics
from offline.topics import Topics

_BREACHES = {
    "GreaterThanOrEqualToThreshold": float.__ge__,
    "GreaterThanThreshold": float.__gt__,
    "LessThanThreshold": float.__lt__,
    "LessThanOrEqualToThreshold": float.__le__,
}


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
    takes into account where some are missing, are not.
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
            if name not in self._known:
                self._known.add(name)
                alarm.state_value = State.INSUFFICIENT_DATA
                self._evaluate(alarm, now)
            elif name in self._awake or metric_of(alarm) in fresh:
                self._evaluate(alarm, now)

    def _evaluate(self, alarm: Alarm, now: datetime) -> None:
        values = list(self._values(alarm, now))
        after = _state(alarm, values)
        # Without data and at rest, nothing can change before something is measured again.
        resting = after is not State.ALARM and not any(value is not None for value in values)
        (self._awake.discard if resting else self._awake.add)(alarm.name)
        if after != alarm.state_value:
            self._change(alarm, now, after, values)

    def _values(self, alarm: Alarm, now: datetime) -> Iterator[float | None]:
        """The statistic of each period, the latest first."""
        period = timedelta(seconds=int(alarm.period))
        metric = metric_of(alarm)
        for index in range(int(alarm.evaluation_periods)):
            end = now - index * period
            found = self._metrics.measured(metric, end - period, end)
            yield None if found is None else found.statistic(alarm.statistic)

    def _change(self, alarm: Alarm, now: datetime, after: State, values: list[float | None]) -> None:
        known = [value for value in values if value is not None]
        reason = f"{len(known)} of the last {len(values)} periods were measured: {known}."
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


def metric_of(alarm: Alarm) -> Metric:
    """What the alarm watches."""
    dimensions = frozenset((str(each.name), str(each.value)) for each in alarm.dimensions)
    return Metric(alarm.namespace, alarm.metric_name, dimensions)


def _state(alarm: Alarm, values: list[float | None]) -> State:
    """By the rule `M out of N`, with missing periods treated as the alarm says."""
    treatment = alarm.treat_missing_data or "missing"
    missing = sum(value is None for value in values)
    if missing == len(values) and treatment == "missing":
        return State.INSUFFICIENT_DATA
    if missing == len(values) and treatment == "ignore":
        return State(alarm.state_value)
    breaches = _BREACHES[alarm.comparison_operator]
    breaching = sum(breaches(float(value), float(alarm.threshold)) for value in values if value is not None)
    breaching += missing if treatment == "breaching" else 0
    needed = int(alarm.datapoints_to_alarm or alarm.evaluation_periods)
    return State.ALARM if breaching >= needed else State.OK


def _actions(alarm: Alarm, state: State) -> list[str]:
    return {
        State.OK: alarm.ok_actions,
        State.ALARM: alarm.alarm_actions,
        State.INSUFFICIENT_DATA: alarm.insufficient_data_actions,
    }[state]
