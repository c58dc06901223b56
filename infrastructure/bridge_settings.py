"""The setting `bridges`: the other brokers of a stage, a row for each. No CDK."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from infrastructure.services import Topology

Server = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.-]{1,253}:[0-9]{1,5}$")]
"""A host and its port."""
Topic = Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,249}$")]
"""https://kafka.apache.org/documentation/#topicconfigs"""


class Bridge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings that the bridge to every broker has."""

    facts: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    """The facts that it sends; null: all that its row in the topology names."""

    @property
    def needs_stream(self) -> bool:
        """Whether it sends from the ordered stream; a subclass may say so."""
        return False

    def check(self, name: str, topology: Topology) -> None:
        """Raise ValueError for facts that no service publishes."""
        sent = {fact.name for fact in topology.own_facts}
        if unknown := sorted({*(self.facts or ())} - sent):
            raise ValueError(f"bridges.{name}.facts: no service publishes {', '.join(unknown)}; remove them")


class KafkaInbound(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The topic from which outside producers' events come in."""

    topic: Topic
    consumer_group: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,200}$")]
    maximum_pollers: Annotated[int, Meta(ge=1, le=2000)] = 1
    """Of Lambda's provisioned mode, which alone retries within bounds; each costs money while it runs.

    https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
    """


class KafkaBridge(Bridge, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Kafka cluster: Confluent Cloud, one of your own, or anything with its protocol."""

    servers: Annotated[tuple[Server, ...], Meta(min_length=1)]
    """Where clients find the cluster."""
    topic: Topic
    """The topic that gets our facts; a person makes it, with as many partitions as its consumers need."""
    sasl: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] | None
    """How we authenticate, always over TLS; null: not at all, to brokers on this machine only."""
    ordered: bool = False
    """Whether each order's events arrive in order: the bridge then reads the ordered stream, not a queue."""
    inbound: KafkaInbound | None = None

    @property
    def needs_stream(self) -> bool:
        """Whether it sends from the ordered stream."""
        return self.ordered

    def check(self, name: str, topology: Topology) -> None:
        """Raise ValueError for a circle, or for a cluster elsewhere without authentication, too."""
        super().check(name, topology)
        if self.inbound and self.inbound.topic == self.topic:
            raise ValueError(f"bridges.{name}: what goes out would come in again; name another inbound.topic")
        if self.sasl is None and not all(server.startswith("127.0.0.1:") for server in self.servers):
            raise ValueError(f"bridges.{name}.sasl: null is for brokers at 127.0.0.1; name a mechanism")


class Bridges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The other brokers of a stage; null: none of that kind."""

    kafka: KafkaBridge | None = None

    @property
    def rows(self) -> dict[str, Bridge]:
        """The rows that the stage has, by the name of the broker."""
        found = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: row for name, row in found.items() if row is not None}

    def facts_of(self, service: str) -> tuple[str, ...] | None:
        """The facts that the stage selects for the bridge of that name; None: as its row says."""
        row = self.rows.get(service.replace("-", "_"))
        return row.facts if row else None

    def check(self, topology: Topology, *, has_stream: bool) -> None:
        """Raise ValueError for a broker to which the application has no bridge, or a row that is wrong."""
        known = {service.name.replace("-", "_") for service in topology.bridges}
        if unknown := sorted(self.rows.keys() - known):
            raise ValueError(f"bridges: this application has no bridge to {', '.join(unknown)}; remove it")
        for name, row in self.rows.items():
            row.check(name, topology)
            if row.needs_stream and not has_stream:
                raise ValueError(f"bridges.{name} sends from the ordered stream: set ordered_stream too")
