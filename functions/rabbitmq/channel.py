"""A connection to RabbitMQ with one channel in confirm mode; every wait is bounded.

pika's blocking adapter waits for a confirmation without a limit, so this one drives the I/O loop itself.
https://pika.readthedocs.io/en/stable/modules/adapters/select.html
"""

from collections.abc import Callable, Sequence
from time import monotonic

from pika import BasicProperties, ConnectionParameters, DeliveryMode, spec
from pika.adapters.select_connection import IOLoop, SelectConnection
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.frame import Method

from functions.rabbitmq.confirms import AmqpMessage, Confirms

UNREACHABLE = "broker_unreachable"
UNCONFIRMED = "unconfirmed"
CLOSED = "connection_closed"
CLOSE_SECONDS = 0.5


class UnreachableError(Exception):
    """There is no connection to the broker; nothing was sent."""


class ConfirmChannel:
    """A channel whose messages the broker confirms; use it until `is_open` is false."""

    def __init__(self, parameters: ConnectionParameters, *, timeout_seconds: float) -> None:
        """Connect; raise `UnreachableError` after the timeout, or if the broker refuses."""
        parameters.socket_timeout = parameters.stack_timeout = timeout_seconds
        self._loop = IOLoop()
        self._loop.activate_poller()
        self._error: object = None
        self._channel: Channel | None = None
        self._is_ready = self._is_released = False
        self._confirms = Confirms(())
        self._sent = 0
        self._connection = SelectConnection(
            parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_close,
            on_close_callback=self._on_close,
            custom_ioloop=self._loop,
        )
        self._wait(lambda: self._is_ready or self._error is not None, timeout_seconds + CLOSE_SECONDS)
        if not self.is_open:
            self.close()
            raise UnreachableError(f"{UNREACHABLE}: {_words(self._error) or 'no reply in time'}")

    @property
    def is_open(self) -> bool:
        """Whether the connection is usable, as far as this side knows."""
        return self._is_ready and self._error is None

    def look(self) -> bool:
        """Read what arrived since the last use; return whether the connection is still open."""
        if self.is_open:
            self._wait(lambda: True, 0)
        return self.is_open

    def publish(
        self, exchange: str, messages: Sequence[AmqpMessage], *, timeout_seconds: float
    ) -> dict[str, str]:
        """Send the messages with `mandatory`; return the reason of each that the broker did not confirm."""
        self._confirms = confirms = Confirms(messages, before=self._sent)
        try:
            for message in messages:
                self._send(exchange, message)
            self._wait(lambda: confirms.is_complete or not self.is_open, timeout_seconds)
        except AMQPError as error:
            self._error = self._error or error
        if not confirms.is_complete:
            reason = (
                f"{CLOSED}: {_words(self._error)}" if self._error else f"{UNCONFIRMED}: no confirm in time"
            )
            confirms.fail_waiting(reason)
            self.close()  # a late confirmation would count for another batch
        return confirms.failed

    def close(self) -> None:
        """Drop the connection; wait shortly for the broker's farewell."""
        self._error = self._error or CLOSED
        if self._is_released:
            return
        self._is_released = True
        if self._connection.is_open:
            self._connection.close()
            self._wait(lambda: self._connection.is_closed, CLOSE_SECONDS)
        self._loop.close()

    def _send(self, exchange: str, message: AmqpMessage) -> None:
        if self._channel is None:
            raise UnreachableError(UNREACHABLE)
        self._channel.basic_publish(
            exchange, message.routing_key, message.body, _properties(message), mandatory=True
        )
        self._sent += 1

    def _wait(self, is_done: Callable[[], bool], timeout_seconds: float) -> None:
        """Run the I/O loop, once at least, until it is done or the timeout is over."""
        ends = monotonic() + timeout_seconds
        alarm = self._loop.call_later(timeout_seconds, _nothing)  # ends a poll in which nothing happens
        while True:
            self._loop.poll()
            self._loop.process_timeouts()
            if is_done() or monotonic() >= ends:
                break
        self._loop.remove_timeout(alarm)

    def _on_open(self, connection: SelectConnection) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_close)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm, callback=self._on_ready)

    def _on_ready(self, _: object) -> None:
        self._is_ready = True

    def _on_close(self, _: object, error: object) -> None:
        self._error = self._error or error or "closed"

    def _on_return(
        self, _: object, method: spec.Basic.Return, properties: BasicProperties, __: bytes
    ) -> None:
        self._confirms.note_return(str(properties.message_id), f"{method.reply_code} {method.reply_text}")

    def _on_confirm(self, frame: Method) -> None:
        method = frame.method
        self._confirms.confirm(
            method.delivery_tag, multiple=method.multiple, accepted=method.NAME == "Basic.Ack"
        )


def _properties(message: AmqpMessage) -> BasicProperties:
    return BasicProperties(
        message_id=message.id,
        content_type=message.content_type,
        headers=dict(message.headers),
        delivery_mode=DeliveryMode.Persistent.value,
    )


def _nothing() -> None:
    """Do nothing: a timer only ends a wait."""


def _words(error: object) -> str:
    """Return the error's kind and the broker's reply code: its text may quote what we sent."""
    code = getattr(error, "reply_code", None)
    return "" if error is None else type(error).__name__ + (f" {code}" if code else "")
