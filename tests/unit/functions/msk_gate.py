"""The front of an Amazon MSK cluster: TLS, and SASL/OAUTHBEARER with a verified token of IAM.

Behind it may be a broker that asks for no authentication; after the token everything passes through.
https://kafka.apache.org/protocol.html
"""

import re
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.unit.functions.msk_token import refusal

HOST = "127.0.0.1"
API_VERSIONS, HANDSHAKE, AUTHENTICATE = 18, 17, 36
UNSUPPORTED_VERSION, FAILED = 35, 58
SASL_APIS = ((HANDSHAKE, 0, 1), (AUTHENTICATE, 0, 0))
BASIC_APIS = ((0, 3, 7), (1, 4, 11), (3, 0, 5), (API_VERSIONS, 0, 0), (22, 0, 1))
"""Produce, Fetch, Metadata, ApiVersions and InitProducerId: what a gate without a broker names."""
BEARER = re.compile(rb"n,,\x01auth=Bearer ([A-Za-z0-9_-]+)\x01.*\x01", re.DOTALL)


@dataclass
class MskGate:
    """A gate, what it saw, and the certificate of its authority."""

    port: int
    certificate: Path
    broker: int | None
    """The port of the broker behind it."""
    refusals: list[str | None] = field(default_factory=list)
    """The reason why each token was refused; None if it was accepted."""
    mechanisms: list[bytes] = field(default_factory=list)
    decided: threading.Event = field(default_factory=threading.Event)

    def serve(self, client: ssl.SSLSocket) -> None:
        """Serve one connection until one side ends it."""
        with suppress(OSError, EOFError), client:
            while not self._handled(client):
                pass
            self.decided.set()
            if self.broker is not None and self.refusals[-1] is None:
                with socket.create_connection((HOST, self.broker)) as server:
                    _join(client, server)

    def _handled(self, client: ssl.SSLSocket) -> bool:
        """Respond to one request; return whether it was the token's."""
        request = _exactly(client, struct.unpack(">i", _exactly(client, 4))[0])
        api, version, correlation, length = struct.unpack(">hhih", request[:10])
        body = request[10 + max(length, 0) :]
        response, is_decided = self._response(api, version, body)
        client.sendall(struct.pack(">ii", len(response) + 4, correlation) + response)
        return is_decided

    def _response(self, api: int, version: int, body: bytes) -> tuple[bytes, bool]:
        if api == API_VERSIONS:
            return _versions(UNSUPPORTED_VERSION if version else 0, self._apis()), False
        if api == HANDSHAKE:
            self.mechanisms.append(body[2:])
            return struct.pack(">hi", 0, 1) + _text("OAUTHBEARER"), False
        if api != AUTHENTICATE:
            raise EOFError("a request before authentication")
        found = BEARER.fullmatch(body[4:])
        refused = refusal(found[1].decode(), datetime.now(UTC)) if found else "no token"
        self.refusals.append(refused)
        return struct.pack(">h", FAILED if refused else 0) + _text(refused or "") + struct.pack(">i", 0), True

    def _apis(self) -> tuple[tuple[int, int, int], ...]:
        return SASL_APIS + (BASIC_APIS if self.broker is None else _apis_of(self.broker))


@contextmanager
def gate(authority: tuple[Path, Path], *, port: int = 0, broker: int | None = None) -> Iterator[MskGate]:
    """Serve a gate; `authority` is a certificate for 127.0.0.1 that signs itself, and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    with socket.create_server((HOST, port)) as listener:
        made = MskGate(listener.getsockname()[1], authority[0], broker)
        threading.Thread(target=_accept, args=(listener, context, made), daemon=True).start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, context: ssl.SSLContext, made: MskGate) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with suppress(OSError):
                client = context.wrap_socket(connection, server_side=True)
                threading.Thread(target=made.serve, args=(client,), daemon=True).start()


def _join(client: socket.socket, server: socket.socket) -> None:
    """Carry bytes both ways until one side ends."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=carry, args=(server, client), daemon=True)
    back.start()
    carry(client, server)
    back.join()


def _apis_of(port: int) -> tuple[tuple[int, int, int], ...]:
    """Ask a broker for its APIs, without those of SASL."""
    with socket.create_connection((HOST, port)) as server:
        server.sendall(struct.pack(">ihhih", 10, API_VERSIONS, 0, 1, -1))
        response = _exactly(server, struct.unpack(">i", _exactly(server, 4))[0])
    found = struct.iter_unpack(">hhh", response[10 : 10 + 6 * struct.unpack(">i", response[6:10])[0]])
    return tuple((key, low, high) for key, low, high in found if key not in {HANDSHAKE, AUTHENTICATE})


def _versions(error: int, apis: tuple[tuple[int, int, int], ...]) -> bytes:
    return struct.pack(">hi", error, len(apis)) + b"".join(struct.pack(">hhh", *each) for each in apis)


def _text(value: str) -> bytes:
    return struct.pack(">h", len(value)) + value.encode()


def _exactly(source: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = source.recv(count - len(found))
        if not part:
            raise EOFError
        found += part
    return found
