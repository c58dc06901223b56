"""Send a pipe's batch to its target: a queue, a topic, a bus or a function.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.pipes.models import Pipe
from moto.sqs.exceptions import SQSException

from pocketcloud.awslambda.batch_response import find_failures
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import Engine, name_in
from pocketcloud.core.journal import EventRef
from pocketcloud.eventbridge.pipe_access import PIPES
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import role
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.message_checks import MessageGroup
from pocketcloud.sqs.queues import Queues

_ACTIONS = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
}
PutEvents = Callable[[Sequence[Mapping[str, Any]]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class PipeItem:
    """A message or record, with what the target receives."""

    id: str
    """By which a function reports it as failed: a `messageId` or an `eventID`."""
    event: EventRef | None
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PipeBatch:
    """The records that the pipe's filters accept."""

    pipe: Pipe
    items: Sequence[PipeItem]

    @property
    def service(self) -> str:
        """The target's service."""
        return self.pipe.target.split(":")[2]

    def parameters(self, name: str) -> Mapping[str, Any]:
        """Return the target's parameters of this name."""
        found: Mapping[str, Any] = (self.pipe.target_parameters or {}).get(name) or {}
        return found


class PipeTargets:
    """Delivers the batches of all pipes."""

    def __init__(
        self, engine: Engine, queues: Queues, topics: Topics, runtime: Runtime, put_events: PutEvents
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._topics = topics
        self._runtime = runtime
        self._put_events = put_events

    def send(self, batch: PipeBatch) -> dict[str, str]:
        """Send the batch with the permissions of the pipe's role; return the failed items with reasons."""
        request = AccessRequest(_ACTIONS[batch.service], batch.pipe.target)
        identifiers = [item.id for item in batch.items]
        if denial := self._engine.access.authorize(role(batch.pipe.role_arn, PIPES), request):
            return dict.fromkeys(identifiers, str(denial))
        if batch.service == "lambda":
            return self._invoke(batch, identifiers)
        send = {"events": self._to_bus, "sns": self._to_topic, "sqs": self._to_queue}[batch.service]
        failed = {}
        for item in batch.items:
            try:
                send(batch, item, json.dumps(item.record))
            except (DeliveryError, SQSException) as error:
                failed[item.id] = str(error)
        return failed

    def _invoke(self, batch: PipeBatch, identifiers: list[str]) -> dict[str, str]:
        """Invoke the function with the list of records; it can report failed ones."""
        try:
            self._engine.functions.get_function(batch.pipe.target)
        except LambdaClientError:
            return dict.fromkeys(identifiers, f"{batch.pipe.target} does not exist")
        result = self._runtime.invoke(batch.pipe.target, [item.record for item in batch.items])
        return find_failures(result, identifiers, reporting=True)

    def _to_queue(self, batch: PipeBatch, item: PipeItem, body: str) -> None:
        queue = self._engine.sqs.queues.get(name_in(batch.pipe.target))
        if queue is None:
            raise DeliveryError("NO_RESOURCE", f"{batch.pipe.target} does not exist")
        given = batch.parameters("SqsQueueParameters")
        group = MessageGroup(given.get("MessageGroupId"), given.get("MessageDeduplicationId"))
        self._queues.send(queue, body, source=f"pipe/{batch.pipe.name}", event=item.event, group=group)

    def _to_topic(self, batch: PipeBatch, item: PipeItem, body: str) -> None:
        topic = self._engine.sns.topics.get(batch.pipe.target)
        if topic is None:
            raise DeliveryError("NO_RESOURCE", f"{batch.pipe.target} does not exist")
        self._topics.publish(topic, body, event=item.event)

    def _to_bus(self, batch: PipeBatch, _: PipeItem, body: str) -> None:
        given = batch.parameters("EventBridgeEventBusParameters")
        entry = {
            "EventBusName": batch.pipe.target,
            "Source": given.get("Source") or f"Pipe {batch.pipe.name}",
            "DetailType": given.get("DetailType") or f"Event from aws:{batch.pipe.source.split(':')[2]}",
            "Resources": given.get("Resources") or [],
            "Detail": body,
        }
        (result,) = self._put_events([entry])
        if "ErrorCode" in result:
            raise DeliveryError(result["ErrorCode"], result["ErrorMessage"])
