"""CloudWatch alarms, evaluated once per minute of virtual time; moto stores them and their states."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends

from pocketcloud.awslambda.invocation_request import InvocationRequest
from pocketcloud.cloudwatch.alarm_condition import AlarmCondition, condition_of
from pocketcloud.cloudwatch.alarm_events import (
    StateChange,
    bus_event,
    function_event,
    topic_message,
)
from pocketcloud.cloudwatch.alarm_rule import CompositeRule
from pocketcloud.cloudwatch.alarm_state import AlarmState
from pocketcloud.cloudwatch.metrics import MINUTE, Metrics, next_minute
from pocketcloud.cloudwatch.queue_metrics import QueueMetrics
from pocketcloud.core.engine import Engine
from pocketcloud.sns.topics import Topics

_TO_FUNCTIONS = "lambda.alarms.cloudwatch.amazonaws.com"
"""The service that invokes functions for alarms."""


class AlarmMonitor:
    """Evaluates all alarms and notifies their topics of state changes.

    Each minute, an alarm's last evaluation periods are evaluated. CloudWatch also considers a few earlier
    periods if some are missing; this implementation does not. Composite alarms are evaluated last.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
    """

    def __init__(self, engine: Engine, metrics: Metrics, queues: QueueMetrics, topics: Topics) -> None:
        self._engine = engine
        self._metrics = metrics
        self._queues = queues
        self._topics = topics
        self._place = engine.access.location
        self.put_on_bus: Callable[[dict[str, Any], str], None] | None = None
        """Puts an event of a source on the default bus."""
        self.invoke: Callable[[InvocationRequest], None] | None = None
        """Invokes a function asynchronously."""
        self._active: set[str] = set()
        """Alarms with recent data, or in ALARM."""
        self._known: set[str] = set()
        """Alarms that were evaluated before."""
        self._conditions: dict[str, tuple[Alarm, AlarmCondition]] = {}
        """The conditions of alarms, cached until an alarm is replaced."""
        self._rules: dict[str, CompositeRule] = {}
        """The rules of composite alarms, by text."""
        self.changes: list[StateChange] = []
        """Every change of state, oldest first."""

    @property
    def in_alarm(self) -> list[str]:
        """Names of the alarms in the state ALARM."""
        return sorted(name for name, alarm in self._all().items() if alarm.state_value == AlarmState.ALARM)

    def restart(self) -> None:
        """Reset all states and evaluate once per whole minute."""
        self.changes.clear()
        self._active.clear()
        self._known.clear()
        self._plan()

    def _plan(self) -> None:
        when = next_minute(self._engine.clock.now())
        self._engine.scheduler.at(when, self._evaluate_all, label="alarms", background=True)

    def _evaluate_all(self) -> None:
        self._plan()
        now = self._engine.clock.now()
        self._queues.measure(now - MINUTE)
        fresh, self._metrics.fresh = self._metrics.fresh, set()
        for name, alarm in self._all().items():
            if alarm.rule is not None:
                continue
            if name not in self._known:
                self._known.add(name)
                alarm.state_value = AlarmState.INSUFFICIENT_DATA
                self._evaluate(alarm, now)
            elif name in self._active or not fresh.isdisjoint(self._condition(alarm).measurement.metrics):
                self._evaluate(alarm, now)
        self._evaluate_composites(now)

    def _evaluate_composites(self, now: datetime) -> None:
        """Repeat while a state changes: composite alarms can depend on each other."""
        composites = [alarm for alarm in self._all().values() if alarm.rule is not None]
        for alarm in composites:
            if alarm.name not in self._known:
                self._known.add(alarm.name)
                alarm.state_value = AlarmState.INSUFFICIENT_DATA
        for _ in composites:
            changed = [self._evaluate_rule(alarm, now) for alarm in composites]
            if not any(changed):
                break

    def _evaluate_rule(self, alarm: Alarm, now: datetime) -> bool:
        """Evaluate a composite alarm; return whether its state changed."""
        text = str(alarm.rule)
        if text not in self._rules:
            self._rules[text] = CompositeRule(text)
        rule = self._rules[text]
        after = (
            AlarmState.ALARM if rule.holds(lambda name: str(self._all()[name].state_value)) else AlarmState.OK
        )
        if after == alarm.state_value:
            return False
        in_alarm = sorted(name for name in rule.alarms if self._all()[name].state_value == AlarmState.ALARM)
        self._change(alarm, now, after, f"In ALARM: {', '.join(in_alarm) or 'none'}.")
        return True

    def _condition(self, alarm: Alarm) -> AlarmCondition:
        known, condition = self._conditions.get(alarm.name, (None, None))
        if condition is None or known is not alarm:
            condition = condition_of(alarm)
            self._conditions[alarm.name] = alarm, condition
        return condition

    def _evaluate(self, alarm: Alarm, now: datetime) -> None:
        condition = self._condition(alarm)
        ends = [now - index * condition.period for index in range(int(alarm.evaluation_periods))]
        values = [condition.value(self._metrics, end) for end in ends]
        known = [value for value in values if value is not None]

        def breaching() -> int:
            pairs = zip(values, ends, strict=True)
            return sum(
                condition.is_breached(value, self._metrics, end) for value, end in pairs if value is not None
            )

        after = _state(alarm, len(values) - len(known), breaching)
        # Without data and outside ALARM, the state cannot change before the next data point.
        idle = after is not AlarmState.ALARM and not known
        (self._active.discard if idle else self._active.add)(alarm.name)
        if after != alarm.state_value:
            reason = f"{len(known)} of the last {len(values)} periods have data: {known}."
            self._change(alarm, now, after, reason)

    def _change(self, alarm: Alarm, now: datetime, after: AlarmState, reason: str) -> None:
        before, earlier = AlarmState(alarm.state_value), str(alarm.state_reason)
        alarm.update_state(reason, "{}", after)
        change = StateChange(now, alarm.name, before, after, reason)
        self.changes.append(change)
        if self.put_on_bus is not None:
            self.put_on_bus(bus_event(alarm, change, self._place, earlier), f"alarm/{alarm.name}")
        for arn in _actions(alarm, after) if alarm.actions_enabled else ():
            if ":lambda:" in arn:
                self._invoke(arn, alarm, function_event(alarm, change, self._place, earlier))
            else:
                self._notify(arn, alarm, change)

    def _invoke(self, arn: str, alarm: Alarm, event: dict[str, Any]) -> None:
        ask = self._engine.access.authorize_service
        denied = ask(_TO_FUNCTIONS, "lambda:InvokeFunction", arn, source_arn=alarm.alarm_arn)
        if denied is None and self.invoke is not None:
            self.invoke(InvocationRequest(arn, event, json.dumps(event), f"alarm/{alarm.name}", None))

    def _notify(self, arn: str, alarm: Alarm, change: StateChange) -> None:
        ask = self._engine.access.authorize_service
        topic = self._engine.sns.topics.get(arn)
        denied = ask("cloudwatch.amazonaws.com", "sns:Publish", arn, source_arn=alarm.alarm_arn)
        if denied or topic is None:
            return  # AWS records this only in the alarm's history
        # Without subscribers, every alarm's first OK would be recorded as undelivered.
        if any(subscription.topic is topic for subscription in self._engine.sns.subscriptions.values()):
            self._topics.publish(topic, json.dumps(topic_message(alarm, change, self._place)))

    def _all(self) -> dict[str, Alarm]:
        backend: CloudWatchBackend = cloudwatch_backends[self._engine.account][self._engine.region]
        return backend.alarms


def _state(alarm: Alarm, missing: int, breaching: Callable[[], int]) -> AlarmState:
    """Return the state by the rule `M out of N`, treating missing periods as configured."""
    treatment, periods = alarm.treat_missing_data or "missing", int(alarm.evaluation_periods)
    if missing == periods and treatment == "missing":
        return AlarmState.INSUFFICIENT_DATA
    if missing == periods and treatment == "ignore":
        return AlarmState(alarm.state_value)
    needed = int(alarm.datapoints_to_alarm or periods)
    found = breaching() + (missing if treatment == "breaching" else 0)
    return AlarmState.ALARM if found >= needed else AlarmState.OK


def _actions(alarm: Alarm, state: AlarmState) -> list[str]:
    return {
        AlarmState.OK: alarm.ok_actions,
        AlarmState.ALARM: alarm.alarm_actions,
        AlarmState.INSUFFICIENT_DATA: alarm.insufficient_data_actions,
    }[state]
