"""The row of RabbitMQ in the setting `bridges`. No CDK."""

from typing import Annotated
from urllib.parse import unquote, urlsplit

from msgspec import Meta, Struct

from infrastructure.bridge_settings import Bridge, Network

RabbitUrl = Annotated[
    str,
    Meta(
        pattern=r"^(amqps://[a-z0-9.-]+(:[0-9]{1,5})?|amqp://127\.0\.0\.1:[0-9]{1,5})(/[A-Za-z0-9._~%-]+)?$"
    ),
]
"""The broker's address and virtual host; without TLS only on this machine."""
BrokerArn = Annotated[
    str, Meta(pattern=r"^arn:aws(-cn|-us-gov)?:mq:[a-z0-9-]+:[0-9]{12}:broker:[A-Za-z0-9_-]+:b-[a-z0-9-]+$")
]
QueueName = Annotated[str, Meta(pattern=r"^(?!amq\.)[A-Za-z0-9._-]{1,255}$")]
"""A queue or an exchange; the broker reserves names that begin with `amq.`."""


class RabbitInbound(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A queue of an Amazon MQ broker in the stage's account and region: mappings read no others."""

    broker_arn: BrokerArn
    queue: QueueName


class RabbitBridge(Bridge, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The exchange that gets facts, and the queue from which events come."""

    url: RabbitUrl
    exchange: QueueName | None = None
    """The topic exchange that gets our facts; null: nothing is sent."""
    vpc: Network | None = None
    """Null: the broker is reached over the internet. Inbound, Lambda uses the broker's own subnets."""
    inbound: RabbitInbound | None = None
    """Null: the neighbour sends nothing."""

    @property
    def sends(self) -> bool:
        """Whether it has an exchange for facts."""
        return self.exchange is not None

    @property
    def takes_in(self) -> bool:
        """Whether it reads a queue."""
        return self.inbound is not None

    @property
    def virtual_host(self) -> str:
        """The virtual host of the exchange and of the queue."""
        return unquote(urlsplit(self.url).path[1:]) or "/"
