"""Sends batches to the exchange over one connection, which the invocations of an environment share."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

from functions.rabbitmq.channel import CLOSED
from functions.rabbitmq.confirms import AmqpMessage

IDLE_SECONDS = 90.0
"""A connection that was idle for longer is not trusted: a firewall may have dropped it without a sign."""
CONFIRM_SECONDS = 5.0
"""Maximum wait of a batch for the broker's confirmations."""


class Channel(Protocol):
    """The operations of a channel that the publisher uses."""

    def look(self) -> bool:
        """Return whether the connection is still open."""

    def publish(
        self, exchange: str, messages: Sequence[AmqpMessage], *, timeout_seconds: float
    ) -> dict[str, str]:
        """Send the messages; return the reason of each that the broker did not confirm."""

    def close(self) -> None:
        """Drop the connection."""


class ExchangePublisher:
    """Opens a connection at its first batch, keeps it, and opens another when it is closed or was idle."""

    def __init__(self, connect: Callable[[], Channel], *, exchange: str) -> None:
        self._connect = connect
        self._exchange = exchange
        self._channel: Channel | None = None
        self._used = 0.0

    def publish(self, messages: Sequence[AmqpMessage]) -> dict[str, str]:
        """Send a batch; return the reason of each message that the broker did not confirm.

        A kept connection may close under the batch: what that leaves undecided is sent again over a new
        one, with the same ids. Raise `UnreachableError` if there is no connection.
        """
        kept = self._kept()
        failed = self._send(kept or self._connect(), messages)
        undecided = {key for key, reason in failed.items() if reason.startswith(CLOSED)}
        if not (kept and undecided):
            return failed
        again = self._send(self._connect(), [message for message in messages if message.key in undecided])
        return {key: reason for key, reason in failed.items() if key not in undecided} | again

    def close(self) -> None:
        """Drop the connection."""
        channel, self._channel = self._channel, None
        if channel:
            channel.close()

    def _kept(self) -> Channel | None:
        channel, self._channel = self._channel, None
        if channel is None:
            return None
        if monotonic() - self._used <= IDLE_SECONDS and channel.look():
            return channel
        channel.close()
        return None

    def _send(self, channel: Channel, messages: Sequence[AmqpMessage]) -> dict[str, str]:
        failed = channel.publish(self._exchange, messages, timeout_seconds=CONFIRM_SECONDS)
        if channel.look():
            self._channel, self._used = channel, monotonic()
        else:
            channel.close()
        return failed
