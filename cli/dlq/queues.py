"""Which hops keep dead letters, and in which queues."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from infrastructure.names import Names
from infrastructure.topology import SERVICES, TOPOLOGY

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 16
"""Queues that are looked at concurrently: as many as a stage has without forwards, and some."""
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
        *(Hop(name=name, kind=Kind.LEVELS) for name in TOPOLOGY.stream_functions),
    )


def letter_boxes(sqs: "SQSClient", names: Names) -> list[LetterBox]:
    """The dead-letter queues of all hops of the stage."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=names.of(""))
    urls = {url.rpartition("/")[2]: url for page in pages for url in page.get("QueueUrls", [])}
    every = (*hops(), *_forwards(urls, names))
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(lambda hop: _letter_box(sqs, names, hop, urls), every))


def counted(sqs: "SQSClient", box: LetterBox) -> LetterBox:
    """Return the queue with its messages counted again."""
    attributes = sqs.get_queue_attributes(QueueUrl=box.url, AttributeNames=[*WAITING, IN_FLIGHT])[
        "Attributes"
    ]
    return replace(
        box,
        waiting=sum(int(attributes[count]) for count in WAITING),
        in_flight=int(attributes[IN_FLIGHT]),
    )


def _forwards(queues: Iterable[str], names: Names) -> Iterator[Hop]:
    prefix = names.of("")
    for queue in queues:
        name = queue.removeprefix(prefix).removesuffix(SUFFIX)
        if name.startswith("forward-") and queue.endswith(SUFFIX):
            yield Hop(name=name, kind=Kind.FORWARD)


def _letter_box(sqs: "SQSClient", names: Names, hop: Hop, urls: Mapping[str, str]) -> LetterBox:
    queue = names.dead_letter_queue(hop.name)
    # A queue that is not listed is asked for, so that the error names it.
    url = urls.get(queue) or sqs.get_queue_url(QueueName=queue)["QueueUrl"]
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
