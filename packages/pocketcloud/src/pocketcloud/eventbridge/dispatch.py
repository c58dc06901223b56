"""One event on its way to one target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pocketcloud.core.engine import function_in, name_in
from pocketcloud.core.journal import EventRef
from pocketcloud.eventbridge.delivery_origin import SCHEDULER, DeliveryOrigin
from pocketcloud.sqs.message_checks import MessageGroup

BusToBus = Callable[[str, Mapping[str, Any], str], None]
ACTIONS = {
    "events": "events:PutEvents",
    "kinesis": "kinesis:PutRecord",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "states": "states:StartExecution",
}
"""The permission that a target of each service needs."""
ATTEMPT = "<aws.scheduler.attempt-number>"
_KINDS = {"events": "bus", "kinesis": "stream", "sns": "topic", "sqs": "queue", "states": "state-machine"}


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

    def attempted(self, number: int) -> "Dispatch":
        """Return the dispatch with the number of the attempt in its input, if a schedule asks for it.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        """
        text = self.target.get("Input", "")
        if self.origin.service != SCHEDULER or ATTEMPT not in text:
            return self
        return replace(self, target={**self.target, "Input": text.replace(ATTEMPT, str(number))})

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
        if service == "logs":
            return f"log-group/{log_group_in(self.target['Arn'])}"
        return f"{_KINDS.get(service, service)}/{name_in(self.target['Arn'])}"


def is_api_destination(arn: str) -> bool:
    """Return whether the target is an API destination."""
    return ":api-destination/" in arn


def log_group_in(arn: str) -> str:
    """Return the name in a log group's ARN, which may end with `:*`."""
    return arn.rsplit(":log-group:", maxsplit=1)[-1].removesuffix(":*")
