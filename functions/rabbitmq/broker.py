"""The broker's address and credentials, and the function's one publisher."""

import logging
import ssl
import time
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

import msgspec
from pika import ConnectionParameters, PlainCredentials, SSLOptions

from functions.rabbitmq.channel import ConfirmChannel, UnreachableError
from functions.rabbitmq.publisher import ExchangePublisher
from functions.shared.runtime.clients import secrets_manager
from functions.shared.runtime.environment import required

CONNECT_SECONDS = 4.0
"""Timeout from name resolution to the open channel."""
HEARTBEAT_SECONDS = 60
"""RabbitMQ drops the connection of a frozen or deleted environment after two missed heartbeats.

https://www.rabbitmq.com/docs/heartbeats
"""
CACHE_SECONDS = 300.0
"""Maximum age of cached credentials."""
SECURE = "amqps"
PORTS = {SECURE: 5671, "amqp": 5672}

# It logs each failed attempt at several places; the handler logs the failure of each message.
logging.getLogger("pika").setLevel(logging.CRITICAL)


class BrokerUser(msgspec.Struct, frozen=True, kw_only=True):
    """The secret's JSON, as an event source mapping reads it too; its values stay out of logs and errors.

    https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
    """

    username: str
    password: str

    def __repr__(self) -> str:
        return "BrokerUser(…)"


@cache
def publisher() -> ExchangePublisher:
    """Return the function's one instance."""
    return ExchangePublisher(connect, exchange=required("RABBITMQ_EXCHANGE"))


def connect() -> ConfirmChannel:
    """Connect; raise `UnreachableError`, and read the secret again at the next attempt."""
    user = _read(required("RABBITMQ_SECRET"), int(time.monotonic() // CACHE_SECONDS))
    try:
        return ConfirmChannel(parameters(required("RABBITMQ_URL"), user), timeout_seconds=CONNECT_SECONDS)
    except UnreachableError:
        _read.cache_clear()
        raise


def parameters(url: str, user: BrokerUser) -> ConnectionParameters:
    """Return pika's parameters of `amqps://host:port/virtual-host`; the path is optional."""
    parts = urlsplit(url)
    host = str(parts.hostname)
    is_secure = parts.scheme == SECURE
    return ConnectionParameters(
        host=host,
        port=parts.port or PORTS[parts.scheme],
        virtual_host=unquote(parts.path[1:]) or "/",
        credentials=PlainCredentials(user.username, user.password, erase_on_connect=True),
        heartbeat=HEARTBEAT_SECONDS,
        ssl_options=SSLOptions(ssl.create_default_context(), server_hostname=host) if is_secure else None,
    )


@lru_cache(maxsize=1)
def _read(secret: str, _period: int) -> BrokerUser:
    """Read the secret, once in each period."""
    value = secrets_manager().get_secret_value(SecretId=secret)["SecretString"]
    return msgspec.json.decode(value, type=BrokerUser)
