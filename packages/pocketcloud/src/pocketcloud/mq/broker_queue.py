"""A queue of a RabbitMQ broker: in memory, or a real one that a test attaches."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

HeaderValue = str | bytes | int | float | bool | None
DELIVERY_LIMIT = 20
"""RabbitMQ 4 gives quorum queues this limit: https://www.rabbitmq.com/docs/quorum-queues"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerMessage:
    """A message with the properties of AMQP 0-9-1; `tag` is the delivery tag."""

    body: bytes
    headers: Mapping[str, HeaderValue] = field(default_factory=dict)
    properties: Mapping[str, str | int | None] = field(default_factory=dict)
    """The other properties, by AMQP's names: `content_type`, `message_id`."""
    tag: int = 0
    redelivered: bool = False


class BrokerQueue(Protocol):
    """The operations of a mapping on a queue."""

    def waiting(self) -> int:
        """Return how many messages are ready."""

    def receive(self, limit: int) -> list[BrokerMessage]:
        """Return the next messages; they are not ready until they are acknowledged or requeued."""

    def acknowledge(self, messages: Sequence[BrokerMessage]) -> None:
        """Delete delivered messages."""

    def requeue(self, messages: Sequence[BrokerMessage]) -> None:
        """Return delivered messages to the queue."""

    def clear(self) -> None:
        """Delete all messages."""


@dataclass(slots=True, eq=False)
class _Held:
    message: BrokerMessage
    deliveries: int = 0


class QuorumQueue:
    """A quorum queue in memory: requeued messages keep their place until the delivery limit.

    https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
    """

    def __init__(self, delivery_limit: int = DELIVERY_LIMIT) -> None:
        self.delivery_limit = delivery_limit
        """Maximum returns of a message; it is delivered once more than that."""
        self.dead_letters: list[BrokerMessage] = []
        """The messages that were over the limit."""
        self._ready: deque[_Held] = deque()
        self._delivered: dict[int, _Held] = {}
        self._tags = 0

    def publish(self, message: BrokerMessage) -> None:
        """Append a message."""
        self._ready.append(_Held(message))

    def waiting(self) -> int:
        """Return how many messages are ready."""
        return len(self._ready)

    def receive(self, limit: int) -> list[BrokerMessage]:
        """Deliver the next messages."""
        return [self._deliver(self._ready.popleft()) for _ in range(min(limit, len(self._ready)))]

    def acknowledge(self, messages: Sequence[BrokerMessage]) -> None:
        """Delete delivered messages."""
        self._take(messages)

    def requeue(self, messages: Sequence[BrokerMessage]) -> None:
        """Return the messages to the front in their order; dead-letter those over the limit."""
        returned = self._take(messages)
        kept = [held for held in returned if held.deliveries <= self.delivery_limit]
        self._ready.extendleft(reversed(kept))
        self.dead_letters += [held.message for held in returned if held not in kept]

    def clear(self) -> None:
        """Delete all messages, also the dead-lettered ones."""
        for kept in (self._ready, self._delivered, self.dead_letters):
            kept.clear()

    def _deliver(self, held: _Held) -> BrokerMessage:
        held.deliveries += 1
        self._tags += 1
        self._delivered[self._tags] = held
        return BrokerMessage(
            body=held.message.body,
            headers=held.message.headers,
            properties=held.message.properties,
            tag=self._tags,
            redelivered=held.deliveries > 1,
        )

    def _take(self, messages: Iterable[BrokerMessage]) -> list[_Held]:
        return [self._delivered.pop(message.tag) for message in messages]
