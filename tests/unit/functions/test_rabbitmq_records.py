"""Records of RabbitMQ's mapping, and events as messages: nothing of an event changes on the way."""

import base64
import json
from typing import Any

import pytest

from functions.bridges.cloud_event import AMQP, binary_event
from functions.bridges.outbound import Outgoing
from functions.rabbitmq.handler import publication
from functions.rabbitmq.records import NotFromRabbitError, incoming
from functions.shared.contracts.codec import Rejected

DOCUMENT = {
    "specversion": "1.0",
    "id": "0d7e6f0a-98b6-4c2e-9b0f-9d6f5a1c2b3d",
    "source": "warehouse",
    "type": "StockReplenished",
    "subject": "delivery-1",
    "datacontenttype": "application/json",
    "data": {"quantity": 5, "name": "Süß"},
}


def record(headers: dict[str, str], body: bytes, **properties: Any) -> dict[str, Any]:
    """Return a message as Lambda shows it: texts as lists of Java's bytes, which have a sign."""
    shown = {
        name: {"bytes": [byte - 256 if byte > 127 else byte for byte in value.encode()]}
        for name, value in headers.items()
    }
    return {
        "basicProperties": {"headers": shown, **properties},
        "redelivered": False,
        "data": base64.b64encode(body).decode(),
    }


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    return {"eventSource": "aws:rmq", "rmqMessagesByQueue": {"in::/": list(records)}}


@pytest.mark.parametrize("prefix", ["cloudEvents:", "cloudEvents_"])
def test_records_restore_the_event_that_was_sent(prefix: str) -> None:
    sent = publication(Outgoing("m1", binary_event(json.dumps(DOCUMENT))))
    assert (sent.key, sent.id, sent.routing_key) == ("m1", DOCUMENT["id"], "orders.StockReplenished")
    headers = {name.replace(AMQP.prefix, prefix): value for name, value in sent.headers.items()}
    message = record(headers, sent.body, contentType=sent.content_type, messageId=sent.id)
    (found,) = incoming(batch(message), now_ms=5)
    assert json.loads(found.document()) == DOCUMENT
    assert (found.identifier, found.arrived_ms) == (f"in::/:0:{sent.id}", 5)
    assert found.content == found.document()


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (record({}, b"hello"), "not_a_cloudevent"),
        (record({"cloudEvents:specversion": "1.0"}, b""), "data_missing"),
        (record({"cloudEvents:specversion": "1.0"}, b"no JSON"), "data_invalid"),
        (record({}, b"[]", contentType="application/cloudevents-batch+json"), "format_unsupported"),
    ],
)
def test_records_keep_what_holds_no_event(message: dict[str, Any], reason: str) -> None:
    (found,) = incoming(batch(message), now_ms=5)
    with pytest.raises(Rejected) as caught:
        found.document()
    assert caught.value.code == reason
    assert json.loads(found.content) == message


@pytest.mark.parametrize("event", [{}, {"eventSource": "aws:sqs"}, batch() | {"eventSource": "aws:mq"}])
def test_records_reject_another_source(event: dict[str, Any]) -> None:
    with pytest.raises(NotFromRabbitError):
        incoming(event, now_ms=5)
