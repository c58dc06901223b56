"""Deliver events from rules to targets, with latency, retries and the target's dead-letter queue."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from moto.events.models import Rule

from pocketcloud.cloudwatch.metrics import Metric
from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import Engine
from pocketcloud.core.journal import Kind
from pocketcloud.eventbridge.delivery_origin import SCHEDULER, DeliveryOrigin, rule_origin
from pocketcloud.eventbridge.dispatch import BusEvent, Dispatch
from pocketcloud.eventbridge.retry_policy import MAXIMUM_AGE_SECONDS, MAXIMUM_ATTEMPTS
from pocketcloud.eventbridge.target_senders import TargetSenders
from pocketcloud.sqs.queues import Queues
from pocketcloud.virtual_time.latency import BUS_TO_TARGET

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
# AWS documents only "exponential back off and jitter"; this schedule fits 185 attempts into 24 hours.
_INITIAL_BACKOFF, _MAXIMUM_BACKOFF = timedelta(seconds=1), timedelta(minutes=8)


class Targets:
    """Delivers events to targets; what fails is retried, then sent to the dead-letter queue."""

    def __init__(self, engine: Engine, queues: Queues, senders: TargetSenders) -> None:
        self._engine = engine
        self._queues = queues
        self.senders = senders

    def dispatch(self, rule: Rule, target: Mapping[str, Any], event: BusEvent) -> None:
        """Plan the delivery of an event to a rule's target."""
        self.dispatch_from(rule_origin(rule.arn, rule.name, rule.event_bus_name), target, event)

    def dispatch_from(self, origin: DeliveryOrigin, target: Mapping[str, Any], event: BusEvent) -> None:
        """Plan the delivery of an event to a target."""
        dispatch = Dispatch(origin, target, event, self._engine.clock.now())
        self._plan(dispatch, self._engine.delivery_delay(BUS_TO_TARGET), attempt=0)

    def _plan(self, dispatch: Dispatch, delay: timedelta, *, attempt: int) -> None:
        action = partial(self._deliver, dispatch, attempt)
        self._engine.scheduler.after(delay, action, label=dispatch.source)

    def _deliver(self, dispatch: Dispatch, attempt: int) -> None:
        if attempt:
            self._put_metrics(dispatch.origin, "retry")
        try:
            self.senders.send(dispatch.attempted(attempt + 1))
            self._put_metrics(dispatch.origin, "attempt")
        except DeliveryError as error:
            exhausted = self._exhausted(dispatch, attempt)
            if not error.retriable or exhausted:
                self._dead_letter(dispatch, attempt, error, exhausted if error.retriable else None)
                return
            self._write(Kind.RETRIED, dispatch, str(error))
            backoff = min(_INITIAL_BACKOFF * (1 << min(attempt, 16)), _MAXIMUM_BACKOFF)
            self._plan(dispatch, self._engine.spread(backoff), attempt=attempt + 1)

    def _exhausted(self, dispatch: Dispatch, attempt: int) -> str | None:
        policy = dispatch.target.get("RetryPolicy", {})
        if attempt >= policy.get("MaximumRetryAttempts", MAXIMUM_ATTEMPTS):
            return "MaximumRetryAttempts"
        age = timedelta(seconds=policy.get("MaximumEventAgeInSeconds", MAXIMUM_AGE_SECONDS))
        return "MaximumEventAgeInSeconds" if self._engine.clock.now() - dispatch.since >= age else None

    def _dead_letter(
        self, dispatch: Dispatch, attempt: int, error: DeliveryError, exhausted: str | None
    ) -> None:
        reason = f"{dispatch.destination} rejected it: {error}"
        self._put_metrics(dispatch.origin, "attempt", "failure")
        dead_letter_queue = dispatch.target.get("DeadLetterConfig", {}).get("Arn")
        if not dead_letter_queue:
            self._queues.drop(dispatch.source, dispatch.event.ref, reason, dispatch.event.text)
            return
        attributes = {
            **dispatch.origin.dead_letter,
            "TARGET_ARN": dispatch.target["Arn"],
            "ERROR_CODE": error.code,
            "ERROR_MESSAGE": error.message,
            "RETRY_ATTEMPTS": str(attempt),
        }
        if exhausted:
            attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
        is_stored = self._queues.dead_letter(
            dead_letter_queue,
            dispatch.event.text,
            attributes,
            source=dispatch.source,
            event=dispatch.event.ref,
            reason=reason,
            # A schedule's role sends it, but for a rule the service itself does.
            denial=partial(self.senders.denial, dispatch, as_role=dispatch.origin.service == SCHEDULER),
        )
        self._put_metrics(dispatch.origin, "dead_lettered" if is_stored else "lost")

    def _put_metrics(self, origin: DeliveryOrigin, *counted: str) -> None:
        for each in origin.metrics.keys() & counted:
            metric = Metric.of(origin.namespace, origin.metrics[each], **origin.dimensions)
            self._engine.metrics.put(metric, 1)

    def _write(self, kind: Kind, dispatch: Dispatch, reason: str | None = None) -> None:
        self._engine.journal.write(
            kind,
            dispatch.source,
            dispatch.destination,
            dispatch.event.ref,
            message_id=dispatch.event.id,
            reason=reason,
        )
