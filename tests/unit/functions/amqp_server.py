"""A broker for tests: it speaks AMQP 0-9-1 over a socket, and decides on each message as the test says."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from pika import BasicProperties, frame, spec

PASSWORD = "right"

Decide = Callable[["Arrived"], tuple[object, ...]]


class Arrived:
    """A published message."""

    def __init__(self, tag: int, method: spec.Basic.Publish) -> None:
        self.tag, self.method = tag, method
        self.properties = BasicProperties()
        self.body = b""

    @property
    def id(self) -> str:
        return str(self.properties.message_id)


class AmqpServer:
    """Accepts one connection after another; `decide` returns the frames, or exceptions, for a message."""

    def __init__(self, decide: Decide) -> None:
        self.decide = decide
        self.arrived: list[Arrived] = []
        self.connections = 0
        self.is_silent = False
        self.password = PASSWORD
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._client = self._listener
        self.port = int(self._listener.getsockname()[1])

    def close(self) -> None:
        for each in (self._listener, self._client):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def run(self) -> None:
        with suppress(OSError):
            while True:
                self._client, _ = self._listener.accept()
                self.connections += 1
                with self._client, suppress(ConnectionError, EOFError):
                    _Session(self, self._client).run()


class _Session:
    def __init__(self, server: AmqpServer, client: socket.socket) -> None:
        self._server, self._client = server, client
        self._data = b""
        self._tag = 0
        self._message: Arrived | None = None

    def run(self) -> None:
        self._client.recv(8)
        self._send(0, spec.Connection.Start(0, 9, {"capabilities": CAPABILITIES}, b"PLAIN", b"en_US"))
        while True:
            self._take(self._frame())

    def _frame(self) -> object:
        while True:
            used, found = frame.decode_frame(self._data)
            self._data = self._data[used:]
            if found is not None:
                return found
            more = self._client.recv(65536)
            if not more:
                raise EOFError
            self._data += more

    def _send(self, channel: int, *methods: object) -> None:
        for method in methods:
            if isinstance(method, Exception):
                raise method
            data = method if isinstance(method, bytes) else frame.Method(channel, method).marshal()
            self._client.sendall(data)

    def _take(self, found: object) -> None:
        if isinstance(found, frame.Header) and self._message:
            self._message.properties = found.properties
            if found.body_size == 0:
                self._decide()
        elif isinstance(found, frame.Body) and self._message:
            self._message.body += found.fragment
            self._decide()
        elif isinstance(found, frame.Method):
            self._reply(found.channel_number, found.method)

    def _reply(self, channel: int, method: object) -> None:
        match method:
            case spec.Connection.StartOk():
                if self._server.is_silent:
                    return
                if not method.response.endswith(self._server.password.encode()):
                    raise ConnectionError
                self._send(0, spec.Connection.Tune(1, 131072, 60))
            case spec.Connection.Open():
                self._send(0, spec.Connection.OpenOk())
            case spec.Channel.Open():
                self._send(channel, spec.Channel.OpenOk())
            case spec.Confirm.Select():
                self._send(channel, spec.Confirm.SelectOk())
            case spec.Channel.Close():
                self._send(channel, spec.Channel.CloseOk())
            case spec.Connection.Close():
                self._send(0, spec.Connection.CloseOk())
                raise EOFError
            case spec.Basic.Publish():
                self._tag += 1
                self._message = Arrived(self._tag, method)

    def _decide(self) -> None:
        message, self._message = self._message, None
        if message is not None:
            self._server.arrived.append(message)
            self._send(1, *self._server.decide(message))


CAPABILITIES = {"publisher_confirms": True, "basic.nack": True}


def ack(message: Arrived) -> tuple[object, ...]:
    return (spec.Basic.Ack(message.tag),)


def nack(message: Arrived) -> tuple[object, ...]:
    return (spec.Basic.Nack(message.tag),)


def unroutable(message: Arrived) -> tuple[object, ...]:
    returned = spec.Basic.Return(312, "NO_ROUTE", message.method.exchange, message.method.routing_key)
    header = frame.Header(1, len(message.body), message.properties).marshal()
    return (returned, header, frame.Body(1, message.body).marshal(), spec.Basic.Ack(message.tag))


def no_confirm(_: Arrived) -> tuple[object, ...]:
    return ()


def broken(_: Arrived) -> tuple[object, ...]:
    return (ConnectionError(),)


@contextmanager
def serving(decide: Decide = ack) -> Iterator[AmqpServer]:
    """Run a server on a free port until the end of the block."""
    server = AmqpServer(decide)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(5)
