"""Send an event to its target: a topic, a queue, a function, a bus, a stream, a log group or an API."""

import base64
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.core.exceptions import JsonRESTError
from moto.sqs.exceptions import SQSException

from pocketcloud.awslambda.async_invocation import AsynchronousInvocations
from pocketcloud.awslambda.invocation_request import InvocationRequest
from pocketcloud.core.delivery import DeliveryError, check_reachable
from pocketcloud.core.engine import Engine, name_in
from pocketcloud.core.journal import Kind
from pocketcloud.eventbridge.api_destinations import ApiDestinations
from pocketcloud.eventbridge.dispatch import ACTIONS, BusToBus, Dispatch, is_api_destination
from pocketcloud.eventbridge.log_target import write_event
from pocketcloud.eventbridge.target_input import find, target_input
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.audit import Denial
from pocketcloud.iam.principals import role
from pocketcloud.kinesis.put import Writes
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues
from pocketcloud.stepfunctions.machines import Machines


class TargetSenders:
    """Sends events with the permissions that the target's policy or role gives the rule."""

    def __init__(
        self,
        engine: Engine,
        queues: Queues,
        topics: Topics,
        invocations: AsynchronousInvocations,
        writes: Writes,
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._topics = topics
        self._invocations = invocations
        self._writes = writes
        self.api_destinations = ApiDestinations(engine)
        self.machines: Machines | None = None
        self.put_on_bus: BusToBus | None = None
        """Forwards an event to another bus; `Bus` sets it."""

    def send(self, dispatch: Dispatch) -> None:
        """Send once; raise DeliveryError if the target rejects it."""
        check_reachable(dispatch.destination, self._engine.outages)
        event, arn = dispatch.event, dispatch.target["Arn"]
        if reason := self._engine.stubs.reason(arn):
            raise DeliveryError("NO_RESOURCE", reason)
        body = target_input(dispatch.target, event.envelope, event.text, dispatch.origin.arn)
        service = "api" if is_api_destination(arn) else arn.split(":")[2]
        send = {
            "api": self._to_api_destination,
            "events": self._to_bus,
            "kinesis": self._to_stream,
            "lambda": self._to_function,
            "logs": self._to_log_group,
            "sns": self._to_topic,
            "sqs": self._to_queue,
            "states": self._to_machine,
        }[service]
        send(dispatch, body)

    def denial(self, dispatch: Dispatch, action: str, resource: str, *, as_role: bool) -> Denial | None:
        """Return why the service, or the target's role, may not do this; None if it may."""
        access, origin = self._engine.access, dispatch.origin
        ask = partial(access.authorize_service, origin.service, source_arn=origin.source_arn)
        if not as_role:
            return ask(action, resource)
        arn = dispatch.target["RoleArn"]
        request = AccessRequest(action, resource)
        return ask("sts:AssumeRole", arn) or access.authorize(role(arn, origin.service), request)

    def _check_permission(self, dispatch: Dispatch) -> None:
        """Raise DeliveryError unless the target's policy or role allows the rule."""
        arn = dispatch.target["Arn"]
        is_api = is_api_destination(arn)
        action = "events:InvokeApiDestination" if is_api else ACTIONS[arn.split(":")[2]]
        if denial := self.denial(dispatch, action, arn, as_role="RoleArn" in dispatch.target):
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

    def _to_bus(self, dispatch: Dispatch, _: str) -> None:
        name = name_in(dispatch.target["Arn"])
        bus = self._engine.events.event_buses.get(name)
        # Compare the whole ARN: the target may be in another account or region.
        if self.put_on_bus is None or bus is None or bus.arn != dispatch.target["Arn"]:
            raise DeliveryError("NO_RESOURCE", f"{dispatch.destination} does not exist")
        self._check_permission(dispatch)
        self._write(Kind.PUBLISHED, dispatch)
        self.put_on_bus(name, dispatch.event.envelope, dispatch.source)

    def _to_stream(self, dispatch: Dispatch, body: str) -> None:
        self._check_permission(dispatch)
        record = {
            "StreamARN": dispatch.target["Arn"],
            "PartitionKey": _partition_key(dispatch),
            "Data": base64.b64encode(body.encode()).decode(),
        }
        try:
            self._writes.put_record(record, source=dispatch.source)
        except JsonRESTError as error:
            if error.error_type == "ResourceNotFoundException":
                raise DeliveryError("NO_RESOURCE", f"{dispatch.destination} does not exist") from error
            is_full = error.error_type == "ProvisionedThroughputExceededException"
            code = "THROTTLING" if is_full else "SDK_CLIENT_ERROR"
            raise DeliveryError(code, str(error.message), retriable=is_full) from error

    def _to_machine(self, dispatch: Dispatch, body: str) -> None:
        machine = self.machines.by_arn.get(dispatch.target["Arn"]) if self.machines else None
        if machine is None or self.machines is None:
            raise DeliveryError("NO_RESOURCE", f"{dispatch.destination} does not exist")
        self._check_permission(dispatch)
        self.machines.start(machine, json.loads(body), None, source=dispatch.source)

    def _to_log_group(self, dispatch: Dispatch, body: str) -> None:
        write_event(self._engine, dispatch, body, partial(self.denial, dispatch, as_role=False))
        self._write(Kind.RECORDED, dispatch)

    def _write(self, kind: Kind, dispatch: Dispatch) -> None:
        self._engine.journal.write(
            kind, dispatch.source, dispatch.destination, dispatch.event.ref, message_id=dispatch.event.id
        )


def _partition_key(dispatch: Dispatch) -> str:
    """Return the key of the record: what the rule's path finds, the schedule's own, or the event's id.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_KinesisParameters.html
    """
    parameters: Mapping[str, Any] = dispatch.target.get("KinesisParameters", {})
    if "PartitionKey" in parameters:
        return str(parameters["PartitionKey"])
    found = find(parameters.get("PartitionKeyPath", "$.id"), dispatch.event.envelope)
    if found is None:
        return dispatch.event.id
    return found if isinstance(found, str) else json.dumps(found)
