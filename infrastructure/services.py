"""A topology as data: facts, services and their functions. No CDK."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from infrastructure.names import Names
from infrastructure.observability.alarm_row import AlarmRow
from infrastructure.tables import Condition, Table, Uses
from infrastructure.triggers import (
    EventStream,
    OperatorRoutes,
    Queue,
    Routes,
    TableStream,
    Trigger,
    Webhook,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactDeclaration:
    """Something that happened, named in the past tense, and its only publisher."""

    name: str
    owner: str
    also_from: tuple[str, ...] = ()
    """Further sources of an outside producer's fact, in the stages whose functions have them."""
    version: int = 1
    older_until: Mapping[int, str] = field(default_factory=dict)
    """The last day on which each older version may be put on a bus (ISO 8601). It is read for ever."""
    no_consumer_because: str | None = None
    """Required of a fact without a consumer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """The Lambda function `functions.<service>.<module>.handle`, its trigger and its limits."""

    module: str
    trigger: Trigger
    uses: Uses = field(default_factory=dict)
    timeout_seconds: int = 30
    """A queue's visibility timeout is six times this, plus its window (AWS: services-sqs-configure)."""
    memory_mb: int = 256
    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment variables, each with the setting of the stage that it holds."""
    reads_event_log: bool = False
    """Whether it reads the facts of every owner; it never writes another owner's."""
    lists_shards: bool = False
    """Whether it lists the shards of the ordered stream, and reads none of them."""
    puts_spans: Condition | None = None
    """The settings with which it sends spans to CloudWatch, whose endpoint is X-Ray's; None: never."""
    puts_on_ingress: bool = False
    """Whether it puts outside producers' events on the ingress bus, as a bridge from another broker does."""
    ingress_source: str | None = None
    """The source, its own, in whose name it puts events on the ingress bus."""
    network: str | None = None
    """The setting of the bridge with the VPC from which it reaches a private broker, if any."""
    writes_topic_of: str | None = None
    """The setting of the bridge to whose Kafka topic it writes."""
    only_when: Condition = field(default_factory=dict)
    alarms: tuple[AlarmRow, ...] = ()
    """Alarms on metrics that this function counts, besides those of every function of its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret that a service's functions may read; a person puts its value in."""

    name: str
    variable: str
    """The environment variable that holds its ARN."""
    description: str
    only_when: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSender:
    """The address that a service sends email from."""

    variable: str
    """The environment variable that holds the address."""
    address_setting: str
    identity_setting: str
    """The setting that says whether the stack makes SES's identity (`create`) or the account has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One folder under `functions/` and one stack: its tables and its functions."""

    name: str
    functions: tuple[Function, ...]
    tables: tuple[Table, ...] = ()
    claims: bool = False
    """Whether it claims aggregates: of two services that claim the same one, the first decides."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """As a function's; every function of the service has them."""
    secret: Secret | None = None
    email_sender: EmailSender | None = None
    files: tuple[str, ...] = ()
    """Files that its functions read, beside its code; relative to the application's code root."""
    folders: tuple[str, ...] = ()
    """More folders of `functions/` in its bundle, which several services share."""
    packages: str | None = None
    """The lock of a further layer for its functions alone: `kafka` is `requirements/kafka.txt`."""
    only_when: Condition = field(default_factory=dict)
    """The settings of the stages that have the service."""

    def __post_init__(self) -> None:
        """Require one function per kind of trigger: the names of constructs depend on it."""
        kinds = [type(function.trigger).__name__ for function in self.functions]
        if repeated := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
            raise ValueError(
                f"service {self.name!r} has two functions with the trigger {', '.join(repeated)}:"
                " give one of them a service of its own"
            )

    @property
    def consumer(self) -> Function:
        """The function behind the service's queue; LookupError if it has none."""
        for function in self.functions:
            if isinstance(function.trigger, Queue):
                return function
        raise LookupError(f"service {self.name!r} has no function with the trigger Queue: add one")

    @property
    def queue(self) -> Queue:
        """The trigger of its consumer; LookupError if it has none."""
        return cast("Queue", self.consumer.trigger)

    @property
    def reacts_to(self) -> tuple[str, ...]:
        """The names of the facts that its consumer reacts to; none without a consumer."""
        return next(
            (each.trigger.reacts_to for each in self.functions if isinstance(each.trigger, Queue)), ()
        )

    @property
    def further_sources(self) -> tuple[str, ...]:
        """Its functions with a dead-letter queue of their own, as their queues are named."""
        return tuple(self.source_of(each) for each in self.functions if self.has_own_dead_letters(each))

    def source_of(self, function: Function) -> str:
        """The name of the function's own dead-letter queue: that of the function."""
        return self.name if function.module == "handler" else f"{self.name}-{function.module}"

    @staticmethod
    def has_own_dead_letters(function: Function) -> bool:
        """Whether the function has a dead-letter queue besides that of the service's queue."""
        return function.puts_on_ingress or isinstance(function.trigger, EventStream)

    def receiving(self, facts: tuple[str, ...] | None) -> "Service":
        """The service with a queue that receives these facts; None: as it is."""
        if facts is None:
            return self
        functions = (
            replace(each, trigger=replace(each.trigger, reacts_to=facts))
            if isinstance(each.trigger, Queue)
            else each
            for each in self.functions
        )
        return replace(self, functions=tuple(functions))

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes that require a customer's token."""
        return next((each.trigger.routes for each in self.functions if isinstance(each.trigger, Routes)), ())

    @property
    def operator_routes(self) -> tuple[str, ...]:
        """The routes that require an operator's token."""
        triggers = (each.trigger for each in self.functions)
        return next((each.routes for each in triggers if isinstance(each, OperatorRoutes)), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """The facts, services and tables of an application."""

    facts: tuple[FactDeclaration, ...]
    services: tuple[Service, ...]
    stream_consumers: tuple[Service, ...] = ()
    """Consumers of the ordered stream; only a stage that has one has them."""
    monitors: tuple[Service, ...] = ()
    """Services that use the application as its producers do, in a stage that has their setting."""
    bridges: tuple[Service, ...] = ()
    """Services that exchange events with another broker, each in a stage that has its setting."""

    def fact(self, name: str) -> FactDeclaration:
        """The fact of that name; KeyError if there is none."""
        return {fact.name: fact for fact in self.facts}[name]

    def consumers_of(self, name: str) -> tuple[Service, ...]:
        """The services that react to the fact of that name."""
        return tuple(service for service in self.services if name in service.reacts_to)

    def publishes_facts(self, service: Service) -> bool:
        """Whether the service appends to the event log."""
        return any(fact.owner == service.name for fact in self.facts)

    @property
    def has_claims(self) -> bool:
        """Whether any service claims aggregates."""
        return any(service.claims for service in self.services)

    def is_external(self, fact: FactDeclaration) -> bool:
        """Whether an outside producer publishes it on the ingress bus; no service may."""
        return fact.owner not in {service.name for service in self.services}

    @property
    def own_facts(self) -> tuple[FactDeclaration, ...]:
        """The facts that the services publish."""
        return tuple(fact for fact in self.facts if not self.is_external(fact))

    @property
    def consumers(self) -> tuple[Service, ...]:
        """The services that have a queue."""
        return tuple(service for service in self.services if service.reacts_to)

    @property
    def has_routes(self) -> bool:
        """Whether a function has an HTTP route."""
        functions = [function for service in self.services for function in service.functions]
        return any(isinstance(function.trigger, Routes | Webhook) for function in functions)

    @property
    def replayable(self) -> tuple[str, ...]:
        """The names of the services that accept replays."""
        return tuple(service.name for service in self.consumers if service.queue.accepts_replays)

    @property
    def every_service(self) -> tuple[Service, ...]:
        """Every service, with those that only some stages have."""
        return self.services + self.stream_consumers + self.monitors + self.bridges

    @property
    def stream_functions(self) -> tuple[str, ...]:
        """The functions that read a table's stream, as `<service>-<module>`; not the relay."""
        return tuple(
            f"{service.name}-{function.module}"
            for service in self.services
            for function in service.functions
            if isinstance(function.trigger, TableStream)
        )

    def function_names(self, names: Names) -> Iterator[str]:
        """Every function, the relay first, with those that only some stages have."""
        yield names.relay
        for service in self.services:
            yield from (names.function(service.name, function.module) for function in service.functions)
