"""The row of Kafka in the setting `bridges`. No CDK."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from infrastructure.bridge_settings import Bridge, Network
from infrastructure.services import Topology

KafkaServer = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.-]{1,253}:[0-9]{1,5}$")]
"""A host and its port."""
TopicName = Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,249}$")]
"""https://kafka.apache.org/documentation/#topicconfigs"""

ClusterArn = Annotated[
    str,
    Meta(
        pattern=r"^arn:aws(-cn|-us-gov)?:kafka:[a-z0-9-]+:[0-9]{12}:cluster/[A-Za-z0-9-]{1,64}/[a-f0-9s-]{36,40}$"
    ),
]
"""A cluster of Amazon MSK."""


class KafkaInbound(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The topic from which outside producers' events come in."""

    topic: TopicName
    consumer_group: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,200}$")]
    maximum_pollers: Annotated[int, Meta(ge=1, le=2000)] = 1
    """Pollers of provisioned mode, the only mode with bounded retries; each costs money while it runs.

    https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
    """


class KafkaBridge(Bridge, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Kafka cluster: Amazon MSK, Confluent Cloud, one of your own, or anything with its protocol."""

    servers: Annotated[tuple[KafkaServer, ...], Meta(min_length=1)]
    """The addresses of the cluster."""
    topic: TopicName | None = None
    """The topic that gets our facts; a person makes it, with as many partitions as its consumers need.

    Null: nothing is sent.
    """
    sasl: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "IAM"] | None
    """The authentication, always over TLS; null for none, to brokers on this machine only."""
    cluster_arn: ClusterArn | None = None
    """The cluster of Amazon MSK that reads the functions' roles (`IAM`), in the stage's region."""
    vpc: Network | None = None
    """Null: the cluster is reached over the internet."""
    ordered: bool = False
    """Whether each order's events arrive in order: the bridge then reads the ordered stream, not a queue."""
    inbound: KafkaInbound | None = None

    @property
    def sends(self) -> bool:
        """Whether it has a topic for facts."""
        return self.topic is not None

    @property
    def takes_in(self) -> bool:
        """Whether it reads a topic."""
        return self.inbound is not None

    @property
    def needs_secret(self) -> bool:
        """Whether it authenticates with a name and a password."""
        return self.sasl not in {None, "IAM"}

    @property
    def needs_stream(self) -> bool:
        """Whether it sends from the ordered stream."""
        return self.ordered

    def check(self, name: str, topology: Topology) -> None:
        """Raise ValueError for a circle, or for a cluster elsewhere without authentication, too."""
        super().check(name, topology)
        if (self.sasl == "IAM") != (self.cluster_arn is not None):
            raise ValueError(f"bridges.{name}: cluster_arn is for the sasl IAM, which needs it")
        if self.ordered and not self.sends:
            raise ValueError(f"bridges.{name}.ordered is of what is sent: name a topic, or remove it")
        if self.inbound and self.inbound.topic == self.topic:
            raise ValueError(f"bridges.{name}: what goes out would come in again; name another inbound.topic")
        if self.sasl is None and not all(server.startswith("127.0.0.1:") for server in self.servers):
            raise ValueError(f"bridges.{name}.sasl: null is for brokers at 127.0.0.1; name a mechanism")
