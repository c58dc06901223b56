"""Destinations of asynchronous invocations: a record of the result to a queue, topic, function or bus.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.sqs.exceptions import SQSException

from pocketcloud.awslambda.event_invoke_configs import SEND_ACTIONS
from pocketcloud.awslambda.invocation import InvocationResult
from pocketcloud.awslambda.invocation_request import InvocationRequest
from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import Engine, function_in, name_in
from pocketcloud.core.identifiers import new_identifier
from pocketcloud.core.journal import Kind
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues
from pocketcloud.virtual_time.timestamps import iso_milliseconds

SUCCESS = "Success"
_TITLE = "Lambda Function Invocation Result - {}"
_KINDS = {"lambda": "function", "sqs": "queue", "sns": "topic", "events": "bus"}
PutEvents = Callable[[list[dict[str, Any]]], object]
Enqueue = Callable[[InvocationRequest, str], None]
"""Invokes a function asynchronously, with a request id."""


@dataclass(frozen=True, slots=True)
class InvocationOutcome:
    """The end of one asynchronous invocation; `condition` is Lambda's name for it."""

    request: InvocationRequest
    request_id: str
    function_arn: str
    version: str
    condition: str
    invoked: int
    result: InvocationResult

    def record(self, time: str) -> dict[str, Any]:
        """Return the record that the destination gets."""
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": self.version}
        if self.result.error is not None:
            context["functionError"] = "Unhandled"
        return {
            "version": "1.0",
            "timestamp": time,
            "requestContext": {
                "requestId": self.request_id,
                "functionArn": self.function_arn,
                "condition": self.condition,
                "approximateInvokeCount": self.invoked,
            },
            "requestPayload": dict(self.request.payload),
            "responseContext": context,
            "responsePayload": self.result.payload,
        }


class Destinations:
    """Sends records and dead-lettered events."""

    def __init__(
        self, engine: Engine, queues: Queues, topics: Topics, *, put_events: PutEvents, enqueue: Enqueue
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._topics = topics
        self._put_events = put_events
        self._enqueue = enqueue

    def send(self, arn: str, outcome: InvocationOutcome) -> str | None:
        """Send the record; return the reason if that failed."""
        now = iso_milliseconds(self._engine.clock.now())
        record = outcome.record(now)
        return self._tried(arn, outcome.request, partial(self._send, arn, outcome, record))

    def send_event(self, arn: str, request: InvocationRequest, attributes: Mapping[str, str]) -> str | None:
        """Send an event to the function's own dead-letter queue or topic; return why that failed."""
        send = partial(self._publish, arn, request, request.text, attributes)
        return self._tried(arn, request, send)

    def _tried(self, arn: str, request: InvocationRequest, send: Callable[[], None]) -> str | None:
        """Send if the function's role may; return the reason if that failed."""
        action = SEND_ACTIONS[arn.split(":")[2]]
        if denial := self._engine.access.authorize_function(function_in(request.function), action, arn):
            return str(denial)
        try:
            send()
        except (DeliveryError, SQSException) as error:
            return str(error)
        return None

    def _send(self, arn: str, outcome: InvocationOutcome, record: dict[str, Any]) -> None:
        service, text, request = arn.split(":")[2], json.dumps(record), outcome.request
        if service == "lambda":
            following = InvocationRequest(arn, record, text, request.destination, request.event)
            self._enqueue(following, new_identifier())
        elif service == "events":
            self._put_events([_bus_entry(arn, outcome, text)])
        else:
            self._publish(arn, request, text, {})

    def _publish(
        self, arn: str, request: InvocationRequest, text: str, attributes: Mapping[str, str]
    ) -> None:
        """Send a text to a queue or a topic."""
        queue, topic = self._engine.sqs.queues.get(name_in(arn)), self._engine.sns.topics.get(arn)
        if queue is not None and queue.queue_arn == arn:
            typed = {
                name: {"DataType": "Number" if value.isdigit() else "String", "StringValue": value}
                for name, value in attributes.items()
            }
            self._queues.send(queue, text, attributes=typed, source=request.destination, event=request.event)
        elif topic is not None:
            named = {name: {"Type": "String", "Value": value} for name, value in attributes.items()}
            self._engine.journal.write(
                Kind.PUBLISHED, request.destination, f"topic/{topic.name}", request.event
            )
            self._topics.publish(topic, text, attributes=named, event=request.event)
        else:
            raise DeliveryError("NO_RESOURCE", f"{place(arn)} does not exist")


def place(arn: str) -> str:
    """Return a destination's name in the journal."""
    service = arn.split(":")[2]
    return f"{_KINDS[service]}/{function_in(arn) if service == 'lambda' else name_in(arn)}"


def _bus_entry(arn: str, outcome: InvocationOutcome, detail: str) -> dict[str, Any]:
    return {
        "EventBusName": arn,
        "Source": "lambda",
        "DetailType": _TITLE.format("Success" if outcome.condition == SUCCESS else "Failure"),
        "Detail": detail,
        "Resources": [arn, outcome.function_arn],
    }
