"""Deliver events from rules to targets, with latency, retries and the target's dead-letter queue."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.events.models import Rule
from moto.sqs.exceptions import SQSException

from pocketcloud.awslambda.async_invocation import AsynchronousInvocations
from pocketcloud.awslambda.invocation_request import InvocationRequest
from pocketcloud.cloudwatch.metrics import Metric
from pocketcloud.core.delivery import DeliveryError, check_reachable
from pocketcloud.core.engine import Engine, function_in, name_in
from pocketcloud.core.journal import EventRef, Kind
from pocketcloud.eventbridge.api_destinations import ApiDestinations
from pocketcloud.eventbridge.delivery_origin import DeliveryOrigin, rule_origin
from pocketcloud.eventbridge.retry_policy import MAXIMUM_AGE_SECONDS, MAXIMUM_ATTEMPTS
from pocketcloud.eventbridge.target_input import target_input
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import role
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.message_checks import MessageGroup
from pocketcloud.sqs.queues import Queues
from pocketcloud.virtual_time.latency import BUS_TO_TARGET

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
# AWS documents only "exponential back off and jitter"; this schedule fits 185 attempts into 24 hours.
_INITIAL_BACKOFF, _MAXIMUM_BACKOFF = timedelta(seconds=1), timedelta(minutes=8)

_ACTIONS = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
}

BusToBus = Callable[[str, Mapping[str, Any], str], None]


@dataclass(frozen=True, slots=True)
class BusEvent:
    """An event on a bus: its envelope, its text, and the CloudEvent in it."""

    envelope: Mapping[str, Any]
    text: str
    ref: EventRef | None

    @property
    def id(self) -> str:
        """EventBridge's id of the event."""
        return str(self.envelope["id"])


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One event for one target of one rule or schedule."""

    origin: DeliveryOrigin
    target: Mapping[str, Any]
    event: BusEvent
    since: datetime

    @property
    def source(self) -> str:
        """The origin's name in the journal."""
        return self.origin.label

    @property
    def group(self) -> MessageGroup:
        """The message group of a FIFO queue, which deduplicates by content."""
        return MessageGroup(self.target.get("SqsParameters", {}).get("MessageGroupId"))

    @property
    def destination(self) -> str:
        """The target's name in the journal."""
        service = self.target["Arn"].split(":")[2]
        if service == "lambda":
            return f"function/{function_in(self.target['Arn'])}"
        if is_api_destination(self.target["Arn"]):
            return f"api-destination/{self.target['Arn'].split('/')[1]}"
        kind = {"sns": "topic", "sqs": "queue", "events": "bus"}.get(service, service)
        return f"{kind}/{name_in(self.target['Arn'])}"


def is_api_destination(arn: str) -> bool:
    """Return whether the target is an API destination."""
    return ":api-destination/" in arn


class Targets:
    """Delivers events to topics, queues, functions and buses; retries, then dead-letters."""

    def __init__(
        self, engine: Engine, queues: Queues, topics: Topics, invocations: AsynchronousInvocations
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._topics = topics
        self._invocations = invocations
        self.api_destinations = ApiDestinations(engine)
        self.put_on_bus: BusToBus | None = None
        """Forwards an event to another bus; `Bus` sets it."""

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
            self._send(dispatch)
            self._put_metrics(dispatch.origin, "attempt")
        except DeliveryError as error:
            exhausted = self._exhausted(dispatch, attempt)
            if not error.retriable or exhausted:
                self._dead_letter(dispatch, attempt, error, exhausted if error.retriable else None)
                return
            self._write(Kind.RETRIED, dispatch, str(error))
            backoff = min(_INITIAL_BACKOFF * (1 << min(attempt, 16)), _MAXIMUM_BACKOFF)
            self._plan(dispatch, self._engine.spread(backoff), attempt=attempt + 1)

    def _send(self, dispatch: Dispatch) -> None:
        check_reachable(dispatch.destination, self._engine.outages)
        if reason := self._engine.stubs.reason(dispatch.target["Arn"]):
            raise DeliveryError("NO_RESOURCE", reason)
        event, arn = dispatch.event, dispatch.target["Arn"]
        body = target_input(dispatch.target, event.envelope, event.text, dispatch.origin.arn)
        service = arn.split(":")[2]
        if service == "sns":
            self._to_topic(dispatch, body)
        elif service == "sqs":
            self._to_queue(dispatch, body)
        elif service == "lambda":
            self._to_function(dispatch, body)
        elif is_api_destination(arn):
            self._to_api_destination(dispatch, body)
        else:
            self._to_bus(dispatch)

    def _check_permission(self, dispatch: Dispatch) -> None:
        """Raise DeliveryError unless the target's policy or role allows the rule."""
        access, origin, target = self._engine.access, dispatch.origin, dispatch.target
        is_api = is_api_destination(target["Arn"])
        action = "events:InvokeApiDestination" if is_api else _ACTIONS[target["Arn"].split(":")[2]]
        if "RoleArn" in target:
            taken = access.authorize_service(
                origin.service, "sts:AssumeRole", target["RoleArn"], source_arn=origin.arn
            )
            denial = taken or access.authorize(
                role(target["RoleArn"], origin.service), AccessRequest(action, target["Arn"])
            )
        else:
            denial = access.authorize_service(origin.service, action, target["Arn"], source_arn=origin.arn)
        if denial:
            raise DeliveryError("NO_PERMISSIONS", str(denial))

    def _to_topic(self, dispatch: Dispatch, body: str) -> None:
        topic = self._engine.sns.topics.get(dispatch.target["Arn"])
        if topic is None:
            raise DeliveryError("NO_RESOURCE", f"{dispatch.destination} does not exist")
        self._check_permission(dispatch)
        self._write(Kind.PUBLISHED, dispatch)
        self._topics.publish(topic, body, event=dispatch.event.ref)

    def _to_queue(self, dispatch: Dispatch, body: str) -> None:
        queue = self._engine.sqs.queues.get(name_in(dispatch.target["Arn"]))
        if queue is None:
            raise DeliveryError("NO_RESOURCE", f"{dispatch.destination} does not exist")
        self._check_permission(dispatch)
        try:
            self._queues.send(
                queue, body, source=dispatch.source, event=dispatch.event.ref, group=dispatch.group
            )
        except SQSException as error:
            raise DeliveryError("SDK_CLIENT_ERROR", str(error)) from error

    def _to_function(self, dispatch: Dispatch, body: str) -> None:
        arn = dispatch.target["Arn"]
        try:
            self._engine.functions.get_function(arn)
        except LambdaClientError as error:
            raise DeliveryError("NO_RESOURCE", f"{dispatch.destination} does not exist") from error
        self._check_permission(dispatch)
        request = InvocationRequest(arn, json.loads(body), body, dispatch.source, dispatch.event.ref)
        self._invocations.invoke(request)

    def _to_api_destination(self, dispatch: Dispatch, body: str) -> None:
        self.api_destinations.find(dispatch.target["Arn"])
        self._check_permission(dispatch)
        self._write(Kind.PUBLISHED, dispatch)
        self.api_destinations.send(dispatch.target, dispatch.event.envelope, body)

    def _to_bus(self, dispatch: Dispatch) -> None:
        name = name_in(dispatch.target["Arn"])
        bus = self._engine.events.event_buses.get(name)
        # Compare the whole ARN: the target may be in another account or region.
        if self.put_on_bus is None or bus is None or bus.arn != dispatch.target["Arn"]:
            raise DeliveryError("NO_RESOURCE", f"{dispatch.destination} does not exist")
        self._check_permission(dispatch)
        self._write(Kind.PUBLISHED, dispatch)
        self.put_on_bus(name, dispatch.event.envelope, dispatch.source)

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
            by=(dispatch.origin.service, dispatch.origin.arn),
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
