"""Which hops keep dead letters, and in which queues."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from infrastructure.names import Names
from infrastructure.topology import SERVICES

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SUFFIX = "-dlq"
WAITING: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
IN_FLIGHT: Final = "ApproximateNumberOfMessagesNotVisible"


class Kind(StrEnum):
    """What stands before a dead-letter queue."""

    CONSUMER = "consumer"
    """A service's queue, its subscriptions, and the rules that lead straight to it."""
    FANOUT = "fan-out"
    """The rules of the order bus, whose targets are the facts' topics."""
    RELAY = "relay"
    LEVELS = "levels"
    """A listener to a table's changes."""
    FORWARD = "forward"
    """A rule whose target is a bus of somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """Something that delivers or handles events; `name` is what `--consumer` takes."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterBox:
    """A hop's dead-letter queue."""

    hop: Hop
    url: str
    arn: str
    waiting: int = field(default=0, compare=False)
    """As far as SQS knows by now: it may take a minute to say so of a letter that has just come."""
    in_flight: int = field(default=0, compare=False)
    """Those that somebody has received, and has neither deleted nor put back."""

    @property
    def is_empty(self) -> bool:
        """Whether SQS knows of no letter in it."""
        return not self.waiting + self.in_flight

    def neighbour(self, service: str, name: str) -> str:
        """The ARN of that resource of another service, in this queue's account and region."""
        partition, _, region, account = self.arn.split(":")[1:5]
        return f"arn:{partition}:{service}:{region}:{account}:{name}"


def hops() -> tuple[Hop, ...]:
    """All that the map names; forwards are the stage's own and are found in its account."""
    return (
        *(Hop(name=service.name, kind=Kind.CONSUMER) for service in SERVICES),
        Hop(name="order-bus", kind=Kind.FANOUT),
        Hop(name="relay", kind=Kind.RELAY),
        *(Hop(name=f"{service.name}-levels", kind=Kind.LEVELS) for service in SERVICES if service.levels),
    )


def letter_boxes(sqs: "SQSClient", names: Names) -> list[LetterBox]:
    """The dead-letter queues of all hops of the stage."""
    return [_letter_box(sqs, names, hop) for hop in (*hops(), *_forwards(sqs, names))]


def _forwards(sqs: "SQSClient", names: Names) -> Iterator[Hop]:
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=names.of("forward-"))
    for page in pages:
        for url in page.get("QueueUrls", []):
            queue = url.rpartition("/")[2]
            if queue.endswith(SUFFIX):
                name = queue.removeprefix(names.of("")).removesuffix(SUFFIX)
                yield Hop(name=name, kind=Kind.FORWARD)


def _letter_box(sqs: "SQSClient", names: Names, hop: Hop) -> LetterBox:
    url = sqs.get_queue_url(QueueName=names.dead_letter_queue(hop.name))["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", *WAITING, IN_FLIGHT])[
        "Attributes"
    ]
    return LetterBox(
        hop=hop,
        url=url,
        arn=attributes["QueueArn"],
        waiting=sum(int(attributes[count]) for count in WAITING),
        in_flight=int(attributes[IN_FLIGHT]),
    )
