"""A queue of a real RabbitMQ, as an event source mapping of the offline cloud reads it."""

from collections.abc import Sequence
from contextlib import closing
from time import monotonic, sleep
from typing import Any

from pika import BlockingConnection, ConnectionParameters
from pika.adapters.blocking_connection import BlockingChannel

from pocketcloud.mq.broker_queue import BrokerMessage

PROPERTIES = ("content_type", "content_encoding", "delivery_mode", "message_id", "type", "app_id")
WAIT_SECONDS = 10.0
HOST = "127.0.0.1"


class RabbitQueue:
    """Gets, acknowledges and requeues messages over a channel of its own."""

    def __init__(self, channel: BlockingChannel, name: str) -> None:
        self._channel, self._name = channel, name

    def waiting(self) -> int:
        """Return how many messages are ready."""
        return int(self._channel.queue_declare(self._name, passive=True).method.message_count)

    def receive(self, limit: int) -> list[BrokerMessage]:
        """Return the next messages."""
        found: list[BrokerMessage] = []
        while len(found) < limit:
            method, properties, body = self._channel.basic_get(self._name)
            if method is None:
                break
            found.append(_message(method, properties, body))
        return found

    def acknowledge(self, messages: Sequence[BrokerMessage]) -> None:
        """Delete delivered messages."""
        for message in messages:
            self._channel.basic_ack(message.tag)

    def requeue(self, messages: Sequence[BrokerMessage]) -> None:
        """Return delivered messages to the queue."""
        for message in messages:
            self._channel.basic_nack(message.tag, requeue=True)

    def clear(self) -> None:
        """Delete all messages."""
        self._channel.queue_purge(self._name)

    def wait_for(self, count: int) -> int:
        """Return how many messages are ready, when there are that many or the time is over."""
        ends = monotonic() + WAIT_SECONDS
        while (found := self.waiting()) < count and monotonic() < ends:
            sleep(0.05)
        return found


def connected(port: int) -> "closing[BlockingConnection]":
    """Return a connection that is closed at the end of a block."""
    return closing(BlockingConnection(ConnectionParameters(HOST, port)))


def _message(method: Any, properties: Any, body: bytes) -> BrokerMessage:
    shown = {name: getattr(properties, name) for name in PROPERTIES}
    return BrokerMessage(
        body=body,
        headers=dict(properties.headers or {}),
        properties=shown,
        tag=method.delivery_tag,
        redelivered=method.redelivered,
    )
