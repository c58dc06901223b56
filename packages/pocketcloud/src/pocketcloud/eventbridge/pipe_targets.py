"""Send a pipe's batch to its target: a queue, a topic, a bus, a stream or a function.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.core.exceptions import JsonRESTError
from moto.sqs.exceptions import SQSException

from pocketcloud.awslambda.batch_response import find_failures
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import Engine, name_in
from pocketcloud.eventbridge.dispatch import ACTIONS
from pocketcloud.eventbridge.pipe_access import PIPES
from pocketcloud.eventbridge.pipe_batch import PipeBatch, PipeItem
from pocketcloud.eventbridge.pipe_enrichment import Enrichment
from pocketcloud.eventbridge.pipe_parameters import parameters_for
from pocketcloud.eventbridge.pipe_template import documents
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import role
from pocketcloud.kinesis.put import Writes
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.message_checks import MessageGroup
from pocketcloud.sqs.queues import Queues

PutEvents = Callable[[Sequence[Mapping[str, Any]]], list[dict[str, Any]]]


class PipeTargets:
    """Delivers the batches of all pipes."""

    def __init__(  # noqa: PLR0913 - a pipe can have each of these services as its target
        self,
        engine: Engine,
        queues: Queues,
        topics: Topics,
        runtime: Runtime,
        *,
        writes: Writes,
        put_events: PutEvents,
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._topics = topics
        self._runtime = runtime
        self._writes = writes
        self._put_events = put_events
        self._enrichment = Enrichment(engine, runtime)

    def send(self, batch: PipeBatch) -> dict[str, str]:
        """Send the batch with the permissions of the pipe's role; return the failed items with reasons."""
        identifiers = [item.id for item in batch.items]
        if not batch.pipe.enrichment:
            return self._deliver(batch, identifiers)
        try:
            enriched = self._enrichment.enriched(batch)
        except (DeliveryError, ValueError) as error:
            return dict.fromkeys(identifiers, str(error))
        failed = self._deliver(enriched, identifiers) if enriched else {}
        if batch.service == "lambda" or not failed:
            return failed
        # What the enrichment has made of the batch cannot be traced back to single records.
        return dict.fromkeys(identifiers, next(iter(failed.values())))

    def _deliver(self, batch: PipeBatch, identifiers: list[str]) -> dict[str, str]:
        """Send what the template makes of the items; `identifiers` are those of the source's records."""
        request = AccessRequest(ACTIONS[batch.service], batch.pipe.target)
        if denial := self._engine.access.authorize(role(batch.pipe.role_arn, PIPES), request):
            return dict.fromkeys(identifiers, str(denial))
        template = (batch.pipe.target_parameters or {}).get("InputTemplate")
        try:
            bodies = documents(batch, template, self._engine.clock.now())
        except ValueError as error:
            return dict.fromkeys(identifiers, str(error))
        if batch.service == "lambda":
            return self._invoke(batch, [json.loads(body) for body in bodies], identifiers)
        send = {
            "events": self._to_bus,
            "kinesis": self._to_stream,
            "sns": self._to_topic,
            "sqs": self._to_queue,
        }[batch.service]
        failed = {}
        for item, body in zip(batch.items, bodies, strict=True):
            try:
                send(batch, item, body)
            except (DeliveryError, SQSException, JsonRESTError) as error:
                failed[item.id] = str(error)
        return failed

    def _invoke(self, batch: PipeBatch, records: list[object], identifiers: list[str]) -> dict[str, str]:
        """Invoke the function with the list of records; it can report failed ones."""
        try:
            self._engine.functions.get_function(batch.pipe.target)
        except LambdaClientError:
            return dict.fromkeys(identifiers, f"{batch.pipe.target} does not exist")
        result = self._runtime.invoke(batch.pipe.target, records[0] if batch.is_single else records)
        return find_failures(result, identifiers, reporting=True)

    def _to_queue(self, batch: PipeBatch, item: PipeItem, body: str) -> None:
        queue = self._engine.sqs.queues.get(name_in(batch.pipe.target))
        if queue is None:
            raise DeliveryError("NO_RESOURCE", f"{batch.pipe.target} does not exist")
        given = parameters_for(batch, item)
        group = MessageGroup(given.get("MessageGroupId"), given.get("MessageDeduplicationId"))
        self._queues.send(queue, body, source=f"pipe/{batch.pipe.name}", event=item.event, group=group)

    def _to_topic(self, batch: PipeBatch, item: PipeItem, body: str) -> None:
        topic = self._engine.sns.topics.get(batch.pipe.target)
        if topic is None:
            raise DeliveryError("NO_RESOURCE", f"{batch.pipe.target} does not exist")
        self._topics.publish(topic, body, event=item.event)

    def _to_stream(self, batch: PipeBatch, item: PipeItem, body: str) -> None:
        record = {
            "StreamARN": batch.pipe.target,
            "PartitionKey": parameters_for(batch, item)["PartitionKey"],
            "Data": base64.b64encode(body.encode()).decode(),
        }
        self._writes.put_record(record, source=f"pipe/{batch.pipe.name}")

    def _to_bus(self, batch: PipeBatch, item: PipeItem, body: str) -> None:
        given = parameters_for(batch, item)
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
