"""The Lambda handler of the bridge to RabbitMQ: publish a batch to the topic exchange, with confirms."""

from collections.abc import Mapping, Sequence

from functions.bridges.cloud_event import AMQP
from functions.bridges.outbound import NotAcknowledgedError, Outgoing, bridge
from functions.rabbitmq.broker import publisher
from functions.rabbitmq.confirms import AmqpMessage

ROUTING_PREFIX = "orders"
"""A neighbour binds `orders.#` for every fact, or `orders.OrderConfirmed` for one."""


def send(batch: Sequence[Outgoing]) -> Mapping[str, Exception]:
    """Publish the events; return the error of each that the broker did not confirm."""
    failed = publisher().publish([publication(each) for each in batch])
    return {key: NotAcknowledgedError(reason) for key, reason in failed.items()}


def publication(outgoing: Outgoing) -> AmqpMessage:
    """Return the event in binary mode; a binding does not depend on which service publishes the fact."""
    event = outgoing.event
    headers = event.headers(AMQP)
    headers.pop(AMQP.content_type)  # a property of AMQP's own
    return AmqpMessage(
        key=outgoing.message_id,
        id=event.id,
        routing_key=f"{ROUTING_PREFIX}.{event.attributes['type']}",
        headers=headers,
        content_type=event.content_type,
        body=event.data,
    )


handle = bridge("rabbitmq", send)
