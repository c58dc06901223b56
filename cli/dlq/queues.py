"""The dead-letter queues of a stage."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from infrastructure.names import Names
from infrastructure.topology import SERVICES, TOPOLOGY
from infrastructure.triggers import EventStream

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

CONCURRENT_QUEUES = 16
"""At least the number of queues of a stage without forwards."""
SUFFIX = "-dlq"
WAITING: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
IN_FLIGHT: Final = "ApproximateNumberOfMessagesNotVisible"


class ComponentKind(StrEnum):
    """A sender of messages to a dead-letter queue."""

    CONSUMER = "consumer"
    """A service's queue, its subscriptions, and rules with the queue as target."""
    FANOUT = "fan-out"
    """The rules of the order bus with a fact's topic as target."""
    RELAY = "relay"
    LEVELS = "levels"
    """A consumer of a table's stream."""
    STREAM = "stream"
    """The function that puts events on the ordered stream, or a consumer of that stream."""
    FORWARD = "forward"
    """A rule with the event bus of another team, or an API destination, as target."""
    INGRESS = "ingress"
    """A function that puts another broker's events on the ingress bus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterQueueStatus:
    """The dead-letter queue of a component."""

    component: str
    """The name that `--consumer` takes."""
    kind: ComponentKind
    url: str
    arn: str
    waiting: int = field(default=0, compare=False)
    """Approximate; SQS may count a new message up to a minute later."""
    in_flight: int = field(default=0, compare=False)
    """Messages that another reader has received and neither deleted nor returned."""

    @property
    def is_empty(self) -> bool:
        """Whether SQS counts no message."""
        return not self.waiting + self.in_flight

    @property
    def name(self) -> str:
        """The name of the SQS queue."""
        return self.arn.rpartition(":")[2]

    def sibling_arn(self, service: str, name: str) -> str:
        """Return the ARN of another resource in this queue's account and region."""
        partition, _, region, account = self.arn.split(":")[1:5]
        return f"arn:{partition}:{service}:{region}:{account}:{name}"


def dead_letter_queues(sqs: "SQSClient", names: Names) -> list[DeadLetterQueueStatus]:
    """Return the dead-letter queues of all components, with their messages counted."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=names.of(""))
    urls = {url.rpartition("/")[2]: url for page in pages for url in page.get("QueueUrls", [])}
    components = {**_components(), **dict(_forwards(urls, names)), **dict(_optional(urls, names))}
    with ThreadPoolExecutor(max_workers=CONCURRENT_QUEUES) as pool:
        return list(pool.map(lambda name: _queue(sqs, names, name, components[name], urls), components))


def count_again(sqs: "SQSClient", queue: DeadLetterQueueStatus) -> DeadLetterQueueStatus:
    """Return the queue with its messages counted again."""
    attributes = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=[*WAITING, IN_FLIGHT])
    return _counted(queue, attributes["Attributes"])


def _components() -> dict[str, ComponentKind]:
    """Return the kinds of the topology's components by name."""
    return {
        **{service.name: ComponentKind.CONSUMER for service in SERVICES},
        "order-bus": ComponentKind.FANOUT,
        "relay": ComponentKind.RELAY,
        **dict.fromkeys(TOPOLOGY.stream_functions, ComponentKind.LEVELS),
    }


def _forwards(queues: Iterable[str], names: Names) -> Iterator[tuple[str, ComponentKind]]:
    """Yield the forwards of the account; each stage has its own."""
    prefix = names.of("")
    for queue in queues:
        name = queue.removeprefix(prefix).removesuffix(SUFFIX)
        if name.startswith("forward-") and queue.endswith(SUFFIX):
            yield name, ComponentKind.FORWARD


def _optional(queues: Iterable[str], names: Names) -> Iterator[tuple[str, ComponentKind]]:
    """Yield the components of the ordered stream and of the bridges that the stage has."""
    known = {
        **dict.fromkeys(
            ("stream", *(service.name for service in TOPOLOGY.stream_consumers)), ComponentKind.STREAM
        ),
        **{service.name: ComponentKind.CONSUMER for service in TOPOLOGY.bridges if service.reacts_to},
        **{
            f"{service.name}-{function.module}": ComponentKind.INGRESS
            for service in TOPOLOGY.bridges
            for function in service.functions
            if function.puts_on_ingress
        },
        **{
            service.source_of(function): ComponentKind.STREAM
            for service in TOPOLOGY.bridges
            for function in service.functions
            if isinstance(function.trigger, EventStream)
        },
    }
    for name, kind in known.items():
        if names.dead_letter_queue(name) in queues:
            yield name, kind


def _queue(
    sqs: "SQSClient", names: Names, component: str, kind: ComponentKind, urls: Mapping[str, str]
) -> DeadLetterQueueStatus:
    name = names.dead_letter_queue(component)
    # Ask for a queue that is not listed, so that the error names it.
    url = urls.get(name) or sqs.get_queue_url(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", *WAITING, IN_FLIGHT])[
        "Attributes"
    ]
    queue = DeadLetterQueueStatus(component=component, kind=kind, url=url, arn=attributes["QueueArn"])
    return _counted(queue, attributes)


def _counted(
    queue: DeadLetterQueueStatus, attributes: "Mapping[QueueAttributeNameType, str]"
) -> DeadLetterQueueStatus:
    return replace(
        queue,
        waiting=sum(int(attributes[count]) for count in WAITING),
        in_flight=int(attributes[IN_FLIGHT]),
    )
