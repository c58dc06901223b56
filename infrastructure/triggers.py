"""The triggers of functions as data: one class per kind. No CDK; the constructs are in `components`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The service's queue, subscribed to the facts that the function reacts to."""

    reacts_to: tuple[str, ...]
    batch_size: int = 10
    """Messages of one invocation; `maximum_batch_seconds` must fit into the function's timeout."""
    may_wait: bool = False
    """Whether `batching_seconds` in cdk.json sets how long Lambda gathers messages: no customer waits."""
    reaction_seconds: int = 1
    """The longest time of one reaction, with the slowest call outside AWS's data plane."""
    reserve_seconds: int = 7
    """The time that must be left to start a message; the handler has the same number, in milliseconds."""
    max_receive_count: int = 5
    accepts_replays: bool = True
    """Whether it reacts to replayed events; the handler has the same flag."""

    @property
    def maximum_batch_seconds(self) -> int:
        """The longest time after which a batch can still start its last message.

        A message that is not started uses up a receive, and SQS dead-letters it at the last one.
        """
        return (self.batch_size - 1) * self.reaction_seconds + self.reserve_seconds


@dataclass(frozen=True, slots=True)
class Routes:
    """Routes of the HTTP API (`POST /orders`) that require a customer's token."""

    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperatorRoutes:
    """Routes of the HTTP API that require an operator's token; the function rejects a customer's."""

    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Webhook:
    """A route of the HTTP API without a token: its requests are signed by their sender."""

    route: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRoute:
    """A route of the HTTP API for another party's service, with a token of its issuer.

    The token's audience is the name of the service in the stage: `orderbus-dev-pubsub`.
    """

    route: str
    issuer: str
    """An OpenID Connect issuer; API Gateway reads its keys."""


@dataclass(frozen=True, slots=True)
class EveryMinute:
    """A schedule."""

    purpose: str
    """The purpose of the function, for the description of the rule: "cancel overdue orders"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStream:
    """The stream of one of the service's tables, filtered to rows that have one of the attributes."""

    table: str
    attributes: Mapping[str, str]
    """Each attribute with its DynamoDB type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """The ordered stream of every event."""

    reports_failures: bool = False
    """Whether the function names the first record to repeat, instead of raising."""
    batch_size: int = 100
    batching_window_seconds: int = 0
    """Batching window of a shard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaTopic:
    """A topic of the Kafka cluster of a bridge."""

    bridge: str
    """The setting of the bridge, `bridges.kafka`: it has the servers and the inbound topic."""
    batch_size: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageBroker:
    """A queue of an Amazon MQ broker; all but the size of a batch are settings of the stage."""

    arn: str
    queue: str
    virtual_host: str
    batch_size: int = 10


Trigger = (
    Queue
    | Routes
    | OperatorRoutes
    | Webhook
    | TokenRoute
    | EveryMinute
    | TableStream
    | EventStream
    | KafkaTopic
    | MessageBroker
)
