"""SNS topics: deliveries to queues and functions, filter policies, retries and dead-letter queues."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.sns.models import Subscription, Topic
from moto.sqs.exceptions import SQSException
from moto.sqs.models import Queue

from pocketcloud.awslambda.invocation_request import InvocationRequest
from pocketcloud.cloudwatch.metrics import Metric
from pocketcloud.core.delivery import DeliveryError, check_reachable
from pocketcloud.core.engine import Engine, function_in, name_in
from pocketcloud.core.identifiers import new_identifier
from pocketcloud.core.journal import EventRef, Kind, event_in_text
from pocketcloud.sns.envelope import envelope
from pocketcloud.sns.fifo_topics import FifoTopics, is_fifo
from pocketcloud.sns.filter_policies import BY_ATTRIBUTES, passes
from pocketcloud.sns.function_event import function_event
from pocketcloud.sns.notification import Notification
from pocketcloud.sqs.message_checks import MessageGroup
from pocketcloud.sqs.queues import NO_GROUP, Queues
from pocketcloud.virtual_time.latency import TOPIC_TO_QUEUE

SNS = "sns.amazonaws.com"
# https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html: 256 KiB unless the topic allows more
MAXIMUM_BYTES = 262_144
_MAXIMUM_RAW_ATTRIBUTES = 10
# https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html, AWS managed endpoints
_MAXIMUM_RETRIES = 100_015
_IMMEDIATE, _PRE_BACKOFF, _BACKOFF = 3, 5, 15
_MAXIMUM_DELAY_SECONDS = 20


class Topics:
    """Delivers messages from topics to the subscribed queues and functions."""

    def __init__(self, engine: Engine, queues: Queues) -> None:
        self._engine = engine
        self._queues = queues
        self.fifo = FifoTopics()
        self.invoke: Callable[[InvocationRequest], None] | None = None
        """Invokes a function asynchronously; `Services` sets it."""

    def publish(  # noqa: PLR0913 - Publish's own parameters
        self,
        topic: Topic,
        message: str,
        *,
        subject: str | None = None,
        attributes: Mapping[str, Any] | None = None,
        event: EventRef | None = None,
        group: MessageGroup = NO_GROUP,
        function_message: str | None = None,
    ) -> str:
        """Plan the message's deliveries and return its id; raise DeliveryError if SNS rejects it.

        A FIFO topic accepts a duplicate without delivering it.
        """
        if len(message.encode()) > MAXIMUM_BYTES:
            raise DeliveryError("SDK_CLIENT_ERROR", "Invalid parameter: Message too long")
        event = event or event_in_text(message)
        self._put_metric(topic, "NumberOfMessagesPublished")
        message_id = new_identifier()
        sent = Notification(
            topic, message_id, message, subject, attributes or {}, event, group, None, function_message
        )
        if is_fifo(topic):
            _check_fifo(topic, group)
            made, is_new = self.fifo.publish(topic, group, message, message_id, self._queues.now())
            if not is_new:
                self._write_duplicate(sent, made.message_id)
                return made.message_id
            identified = MessageGroup(group.group_id, made.deduplication_id)
            sent = replace(sent, group=identified, sequence_number=made.sequence_number)
        subscriptions = self._subscriptions(topic)
        wanted = [sub for sub in subscriptions if self._is_wanted(sub, sent)]
        for subscription in wanted:
            plan = partial(self._plan_first, subscription, sent)
            if is_fifo(topic):
                self.fifo.enqueue(_lane(subscription, sent), plan)
            else:
                plan()
        if not wanted:
            self._record_unwanted(sent, has_subscribers=bool(subscriptions))
        return message_id

    def _record_unwanted(self, sent: Notification, *, has_subscribers: bool) -> None:
        """Record that nobody gets the message; a filter policy is a decision, so it leaves only a hop."""
        name = f"topic/{sent.topic.name}"
        if has_subscribers or self._is_awaiting_confirmation(sent.topic):
            reason = "no subscription matched"
            self._engine.journal.write(
                Kind.DROPPED, name, "nobody", sent.event, message_id=sent.message_id, reason=reason
            )
        else:
            self._queues.drop(name, sent.event, "the topic has no subscribers", sent.message)

    def _subscriptions(self, topic: Topic) -> list[Subscription]:
        # Email subscriptions stay pending: nobody confirms them offline.
        return [
            sub
            for sub in self._engine.sns.subscriptions.values()
            if sub.topic is topic and sub.protocol != "email"
        ]

    def _is_awaiting_confirmation(self, topic: Topic) -> bool:
        return any(sub.topic is topic for sub in self._engine.sns.subscriptions.values())

    def _is_wanted(self, subscription: Subscription, sent: Notification) -> bool:
        policy = subscription.attributes.get("FilterPolicy")
        if not policy:
            return True
        scope = subscription.attributes.get("FilterPolicyScope", BY_ATTRIBUTES)
        if passes(policy, scope, sent.message, sent.attributes):
            return True
        self._engine.journal.write(
            Kind.FILTERED,
            f"topic/{sent.topic.name}",
            destination(subscription),
            sent.event,
            message_id=sent.message_id,
            reason="the subscription's filter policy does not match",
        )
        return False

    def _write_duplicate(self, sent: Notification, first_id: str) -> None:
        self._engine.journal.write(
            Kind.FILTERED,
            self._engine.actor(),
            f"topic/{sent.topic.name}",
            sent.event,
            message_id=sent.message_id,
            reason=f"a duplicate of message {first_id}",
        )

    def _plan_first(self, subscription: Subscription, sent: Notification) -> None:
        self._plan(subscription, sent, self._engine.delivery_delay(TOPIC_TO_QUEUE), attempt=0)

    def _plan(
        self, subscription: Subscription, sent: Notification, delay: timedelta, *, attempt: int
    ) -> None:
        action = partial(self._deliver, subscription, sent, attempt)
        self._engine.scheduler.after(delay, action, label=f"topic/{sent.topic.name}")

    def _deliver(self, subscription: Subscription, sent: Notification, attempt: int) -> None:
        try:
            self._send(subscription, sent)
        except DeliveryError as error:
            if error.retriable and attempt < _MAXIMUM_RETRIES:
                self._retry(subscription, sent, attempt, error)
                return
            self._dead_letter(subscription, sent, error)
        if is_fifo(sent.topic):
            self.fifo.finish(_lane(subscription, sent))

    def _send(self, subscription: Subscription, sent: Notification) -> None:
        check_reachable(destination(subscription), self._engine.outages)
        send = self._to_function if subscription.protocol == "lambda" else self._to_queue
        send(subscription, sent)
        self._put_metric(sent.topic, "NumberOfNotificationsDelivered")

    def _check_permission(self, action: str, subscription: Subscription, sent: Notification) -> None:
        """Raise DeliveryError unless the subscriber's policy allows the topic."""
        arn, topic = subscription.endpoint, sent.topic.arn
        if denial := self._engine.access.authorize_service(SNS, action, arn, source_arn=topic):
            raise DeliveryError("NO_PERMISSIONS", str(denial))

    def _to_function(self, subscription: Subscription, sent: Notification) -> None:
        """Invoke the function asynchronously: Lambda retries its failures, not SNS."""
        try:
            self._engine.functions.get_function(subscription.endpoint)
        except LambdaClientError as error:
            raise DeliveryError("NO_RESOURCE", f"{destination(subscription)} does not exist") from error
        self._check_permission("lambda:InvokeFunction", subscription, sent)
        payload = function_event(subscription, sent, self._engine.clock.now())
        source = f"topic/{sent.topic.name}"
        request = InvocationRequest(subscription.endpoint, payload, json.dumps(payload), source, sent.event)
        if self.invoke is None:
            raise RuntimeError("set invoke before the first delivery")
        self.invoke(request)

    def _to_queue(self, subscription: Subscription, sent: Notification) -> None:
        name = name_in(subscription.endpoint)
        queue = self._engine.sqs.queues.get(name)
        if queue is None:
            raise DeliveryError("NO_RESOURCE", f"queue {name} does not exist")
        self._check_permission("sqs:SendMessage", subscription, sent)
        raw = is_raw(subscription)
        attributes = sent.queue_attributes() if raw else {}
        if len(attributes) > _MAXIMUM_RAW_ATTRIBUTES:
            raise DeliveryError("SDK_CLIENT_ERROR", "raw delivery allows ten message attributes")
        body = sent.message if raw else envelope(subscription, sent, self._engine.clock.now())
        try:
            self._queues.send(
                queue,
                body,
                attributes=attributes,
                source=f"topic/{sent.topic.name}",
                event=sent.event,
                group=_group_for(queue, sent),
            )
        except SQSException as error:
            raise DeliveryError("SDK_CLIENT_ERROR", str(error)) from error

    def _put_metric(self, topic: Topic, name: str) -> None:
        """Record a metric of the topic (https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html)."""
        self._engine.metrics.put(Metric.of("AWS/SNS", name, TopicName=topic.name), 1)

    def _retry(
        self, subscription: Subscription, sent: Notification, attempt: int, error: DeliveryError
    ) -> None:
        self._engine.journal.write(
            Kind.RETRIED,
            f"topic/{sent.topic.name}",
            destination(subscription),
            sent.event,
            message_id=sent.message_id,
            reason=str(error),
        )
        self._plan(subscription, sent, retry_delay(attempt), attempt=attempt + 1)

    def _dead_letter(self, subscription: Subscription, sent: Notification, error: DeliveryError) -> None:
        source = f"topic/{sent.topic.name}"
        self._put_metric(sent.topic, "NumberOfNotificationsFailed")
        policy = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
        reason = f"{destination(subscription)} rejected it: {error}"
        if "deadLetterTargetArn" not in policy:
            self._queues.drop(source, sent.event, reason, sent.message)
            return
        body = (
            sent.message if is_raw(subscription) else envelope(subscription, sent, self._engine.clock.now())
        )
        is_stored = self._queues.dead_letter(
            policy["deadLetterTargetArn"],
            body,
            {},
            source=source,
            event=sent.event,
            reason=reason,
            denial=partial(self._engine.access.authorize_service, SNS, source_arn=sent.topic.arn),
            group=sent.group,
        )
        suffix = "RedrivenToDlq" if is_stored else "FailedToRedriveToDlq"
        self._put_metric(sent.topic, f"NumberOfNotifications{suffix}")


def destination(subscription: Subscription) -> str:
    """Return the subscriber's name in the journal."""
    if subscription.protocol == "lambda":
        return f"function/{function_in(subscription.endpoint)}"
    return f"queue/{name_in(subscription.endpoint)}"


def _lane(subscription: Subscription, sent: Notification) -> tuple[str, str]:
    return subscription.arn, str(sent.group.group_id)


def _group_for(queue: Queue, sent: Notification) -> MessageGroup:
    """Return the ids for a FIFO queue; a standard queue gets the group alone."""
    return sent.group if queue.fifo_queue else MessageGroup(sent.group.group_id)


def _check_fifo(topic: Topic, group: MessageGroup) -> None:
    """Raise DeliveryError if a service publishes without the ids that the topic needs."""
    by_content = str(topic.content_based_deduplication).lower() == "true"
    if group.group_id is None or not (group.deduplication_id or by_content):
        message = "Invalid parameter: a FIFO topic needs MessageGroupId and MessageDeduplicationId"
        raise DeliveryError("SDK_CLIENT_ERROR", message)


def is_raw(subscription: Subscription) -> bool:
    """Return whether raw message delivery is on; moto reads the text "false" as true."""
    return str(subscription.attributes.get("RawMessageDelivery")).lower() == "true"


def retry_delay(attempt: int) -> timedelta:
    """Return SNS's delay before a retry: none for three attempts, 1 s for two, then exponential."""
    if attempt < _IMMEDIATE:
        return timedelta()
    if attempt < _PRE_BACKOFF:
        return timedelta(seconds=1)
    if attempt < _BACKOFF:
        return timedelta(seconds=min(2 ** (attempt - _PRE_BACKOFF), _MAXIMUM_DELAY_SECONDS))
    return timedelta(seconds=_MAXIMUM_DELAY_SECONDS)
