"""The event of a function that reads a RabbitMQ queue.

https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

import base64
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from pocketcloud.core.journal import EventRef, event_in, event_in_text
from pocketcloud.mq.broker_queue import BrokerMessage, HeaderValue

_PROPERTIES = (
    *("contentType", "contentEncoding", "deliveryMode", "priority", "correlationId", "replyTo", "expiration"),
    *("messageId", "timestamp", "type", "userId", "appId", "clusterId"),
)
_CLOUD_EVENTS = ("cloudEvents:", "cloudEvents_")
"""Prefixes of attributes: https://github.com/cloudevents/spec, AMQP binding."""


def rabbitmq_event(
    broker_arn: str, queue: str, virtual_host: str, records: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the event with a batch of records of one queue."""
    return {
        "eventSource": "aws:rmq",
        "eventSourceArn": broker_arn,
        "rmqMessagesByQueue": {f"{queue}::{virtual_host}": list(records)},
    }


def broker_record(message: BrokerMessage) -> dict[str, Any]:
    """Return the message as Lambda shows it: its body in Base64, and texts in headers as lists of bytes."""
    given = {_camel(name): value for name, value in message.properties.items()}
    shown: dict[str, Any] = {name: given.get(name) for name in _PROPERTIES}
    shown["headers"] = {name: _header(value) for name, value in message.headers.items()}
    if shown["timestamp"] is not None:
        shown["timestamp"] = _time(int(shown["timestamp"]))
    return {
        "basicProperties": {**shown, "bodySize": len(message.body)},
        "redelivered": message.redelivered,
        "data": base64.b64encode(message.body).decode(),
    }


def filtered(message: BrokerMessage, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what filters see: the body as text and as JSON, where it is that.

    https://docs.aws.amazon.com/lambda/latest/dg/with-mq-filtering.html
    """
    readings: list[dict[str, Any]] = []
    with suppress(UnicodeDecodeError):
        readings.append({**record, "data": message.body.decode()})
    with suppress(ValueError):
        readings.append({**record, "data": json.loads(message.body)})
    return readings


def event_of(message: BrokerMessage) -> EventRef | None:
    """Return the CloudEvent in a message: in its headers, or in its body."""
    attributes = {
        name.removeprefix(prefix): value.decode() if isinstance(value, bytes) else value
        for prefix in _CLOUD_EVENTS
        for name, value in message.headers.items()
        if name.startswith(prefix)
    }
    return event_in(attributes) or event_in_text(message.body.decode(errors="replace"))


def _header(value: HeaderValue) -> Any:
    if isinstance(value, str | bytes):
        return {"bytes": list(value.encode() if isinstance(value, str) else value)}
    return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _time(seconds: int) -> str:
    """Return the time in Java's format: `Jan 1, 1970, 12:33:41 AM`."""
    when = datetime.fromtimestamp(seconds, UTC)
    return f"{when:%b} {when.day}, {when.year}, {when.hour % 12 or 12}:{when:%M:%S %p}"
