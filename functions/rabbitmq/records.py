"""Records of the event source mapping, as events for the ingress bus. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from functions.bridges.cloud_event import AMQP, document_of
from functions.bridges.ingress import Incoming
from functions.shared.contracts.codec import Rejected

EVENT_SOURCE = "aws:rmq"
OTHER_PREFIX = "cloudEvents_"
"""The prefix that senders through JMS use; the binding allows both."""


class NotFromRabbitError(ValueError):
    """The function is connected to an event source that it was not written for."""


def incoming(event: Mapping[str, Any], *, now_ms: int) -> list[Incoming]:
    """Return the messages of a batch; raise `NotFromRabbitError` if it is another source's."""
    queues = event.get("rmqMessagesByQueue")
    if event.get("eventSource") != EVENT_SOURCE or not queues:
        raise NotFromRabbitError(f"The event has no messages; connect the function to {EVENT_SOURCE} only.")
    return [
        _incoming(f"{queue}:{place}", message, now_ms)
        for queue, messages in queues.items()
        for place, message in enumerate(messages)
    ]


def _incoming(place: str, message: Mapping[str, Any], now_ms: int) -> Incoming:
    properties = message["basicProperties"]
    body = base64.b64decode(message["data"])
    headers = list(_headers(properties))
    document = partial(document_of, headers, body, AMQP)
    return Incoming(
        identifier=f"{place}:{properties.get('messageId') or '-'}",
        arrived_ms=now_ms,  # the broker does not say when it took a message
        content=_content(document, message),
        document=document,
    )


def _headers(properties: Mapping[str, Any]) -> Iterator[tuple[str, str | bytes | None]]:
    """Yield the headers with texts as Lambda encodes them, and the content type, which is a property."""
    if content_type := properties.get("contentType"):
        yield AMQP.content_type, content_type
    for name, value in (properties.get("headers") or {}).items():
        attribute = name.removeprefix(OTHER_PREFIX)
        header = name if attribute == name else AMQP.prefix + attribute
        if isinstance(value, dict) and "bytes" in value:
            yield header, bytes(byte % 256 for byte in value["bytes"])  # Java's bytes have a sign
        elif header.startswith(AMQP.prefix):
            yield header, str(value).lower()


def _content(document: Callable[[], str], message: Mapping[str, Any]) -> str:
    """Return what the dead-letter queue gets of a message that is not admitted."""
    try:
        return document()
    except Rejected:
        return json.dumps(message)
