"""The map's words for facts, for services, and for the functions a service has. Pure data, no CDK."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infrastructure.tables import Table, Uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, named in the past tense, and the one service that may say so."""

    name: str
    owner: str
    version: int = 1
    unheard: str | None = None
    """Why nobody reacts to it; required of a fact without a consumer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A service's queue and the function behind it."""

    reacts_to: tuple[str, ...]
    uses: Uses = field(default_factory=dict)
    batch_size: int = 10
    """Messages of one invocation; `longest_batch_seconds` of them fit into the timeout."""
    reaction_seconds: int = 1
    """How long one reaction takes where whatever it waits for outside AWS's own data plane takes longest."""
    reserve_seconds: int = 7
    """What has to be left for a message to be started; its handler says the same, in milliseconds."""
    timeout: int = 30
    """Seconds; the queue's visibility timeout is six times this (AWS: services-sqs-configure)."""
    memory: int = 256
    """Megabytes."""
    max_receive_count: int = 5
    rings_at: Mapping[str, str] = field(default_factory=dict)
    """Metrics of its own whose first count rings, each with what it says to the person it wakes."""
    accepts_replays: bool = True
    """Whether it reacts to history that is told again; its handler says the same."""

    @property
    def longest_batch_seconds(self) -> int:
        """How long a batch may take and still have every one of its messages started.

        A message that is not started uses up a receive all the same, and SQS dead-letters it at the last one.
        """
        return (self.batch_size - 1) * self.reaction_seconds + self.reserve_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The HTTP API routes that `functions.<service>.api.handle` answers."""

    routes: tuple[str, ...]
    uses: Uses = field(default_factory=dict)
    reads_whole_log: bool = False
    """Whether it reads every owner's facts; it never writes another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """What `functions.<service>.deadlines.handle` needs: once a minute it ends what is open too long."""

    uses: Uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What `functions.<service>.reconciliation.handle` needs: once a minute it finds out what is unknown."""

    uses: Uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """What `functions.<service>.webhooks.handle` needs: the provider's own word, on a route it signs."""

    route: str
    only_with: str
    """The payment gateway that sends them."""
    uses: Uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What `functions.<service>.levels.handle` needs: it hears of a table's changes."""

    table: str
    attributes: Mapping[str, str]
    """It hears of rows that have one of these, named with its DynamoDB type."""
    uses: Uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One folder under `functions/`, one stack, its tables, its consumer and its API."""

    name: str
    consumer: Consumer
    tables: tuple[Table, ...] = ()
    api: Api | None = None
    deadlines: Deadlines | None = None
    reconciliation: Reconciliation | None = None
    webhooks: Webhooks | None = None
    levels: Levels | None = None
    excludes: tuple[str, ...] = ()
    """Owners whose facts keep this service from stating its own; it may check for them, not read them."""
    sends_mail: bool = False
    moves_money: bool = False
    """Whether it talks to the payment gateway, and may read what that knows us by."""
    knows_hot_skus: bool = False
    """Whether the stage tells it which articles are counted in several rows (`HOT_SKUS`)."""
    ships: tuple[str, ...] = ()
    """Files of the repository, beside its code, that its functions read."""

    def webhooks_with(self, gateway: str) -> Webhooks | None:
        """Its webhooks, where a stage has the payment gateway that sends them."""
        return self.webhooks if self.webhooks and self.webhooks.only_with == gateway else None
