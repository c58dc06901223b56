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
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import role
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.message_checks import MessageGroup
from pocketcloud.sqs.message_store import StoredMessage
from pocketcloud.sqs.queues import Queues

_ACTIONS = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
}
PutEvents = Callable[[Sequence[Mapping[str, Any]]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class PipeBatch:
    """Messages that the pipe's filters let pass, each with its record; `source` is the queue's label."""

    pipe: Pipe
    source: str
    messages: Sequence[tuple[StoredMessage, Mapping[str, Any]]]

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
        """Send the batch with the permissions of the pipe's role; return the failed messages with reasons."""
        request = AccessRequest(_ACTIONS[batch.service], batch.pipe.target)
        identifiers = [stored.message.id for stored, _ in batch.messages]
        if denial := self._engine.access.authorize(role(batch.pipe.role_arn, "pipes.amazonaws.com"), request):
            return dict.fromkeys(identifiers, str(denial))
        if batch.service == "lambda":
            return self._invoke(batch, identifiers)
        send = {"events": self._to_bus, "sns": self._to_topic, "sqs": self._to_queue}[batch.service]
        failed = {}
        for stored, record in batch.messages:
            try:
                send(batch, stored, json.dumps(record))
            except (DeliveryError, SQSException) as error:
                failed[stored.message.id] = str(error)
        return failed

    def _invoke(self, batch: PipeBatch, identifiers: list[str]) -> dict[str, str]:
        """Invoke the function with the list of records; it can report failed ones."""
        try:
            self._engine.functions.get_function(batch.pipe.target)
        except LambdaClientError:
            return dict.fromkeys(identifiers, f"{batch.pipe.target} does not exist")
        result = self._runtime.invoke(batch.pipe.target, [record for _, record in batch.messages])
        return find_failures(result, identifiers, reporting=True)

    def _to_queue(self, batch: PipeBatch, stored: StoredMessage, body: str) -> None:
        queue = self._engine.sqs.queues.get(name_in(batch.pipe.target))
        if queue is None:
            raise DeliveryError("NO_RESOURCE", f"{batch.pipe.target} does not exist")
        given = batch.parameters("SqsQueueParameters")
        group = MessageGroup(given.get("MessageGroupId"), given.get("MessageDeduplicationId"))
        self._queues.send(queue, body, source=f"pipe/{batch.pipe.name}", event=stored.event, group=group)

    def _to_topic(self, batch: PipeBatch, stored: StoredMessage, body: str) -> None:
        topic = self._engine.sns.topics.get(batch.pipe.target)
        if topic is None:
            raise DeliveryError("NO_RESOURCE", f"{batch.pipe.target} does not exist")
        self._topics.publish(topic, body, event=stored.event)

    def _to_bus(self, batch: PipeBatch, _: StoredMessage, body: str) -> None:
        given = batch.parameters("EventBridgeEventBusParameters")
        entry = {
            "EventBusName": batch.pipe.target,
            "Source": given.get("Source") or f"Pipe {batch.pipe.name}",
            "DetailType": given.get("DetailType") or "Event from aws:sqs",
            "Resources": given.get("Resources") or [],
            "Detail": body,
        }
        (result,) = self._put_events([entry])
        if "ErrorCode" in result:
            raise DeliveryError(result["ErrorCode"], result["ErrorMessage"])
