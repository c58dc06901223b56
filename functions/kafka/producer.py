"""The producer: one for as long as the function lives, idempotent, with a report for every event.

https://docs.confluent.io/platform/current/clients/confluent-kafka-python/html/index.html
"""

import json
import os
from collections.abc import Sequence
from functools import cache

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from functions.bridges.cloud_event import KAFKA
from functions.bridges.outbound import NotAcknowledgedError, Outgoing
from functions.kafka.credentials import security
from functions.shared.contracts.codec import Rejected
from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.environment import required

DELIVERY_MS = 10_000
"""After this time the client gives an event up, so that no report comes after the invocation."""
FLUSH_MS = DELIVERY_MS + 2_000
FIRST_TOKEN_MS = 1_000
"""A new client that authenticates by IAM waits as long for its first token."""
SEND_MS = FIRST_TOKEN_MS + FLUSH_MS + MAXIMUM_CALL_MS
"""A batch needs this: a new client, the events' reports, and one call to dead-letter an event."""
PERMANENT = frozenset(
    {
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.INVALID_MSG,
        KafkaError.INVALID_RECORD,
    }
)
"""Errors that another attempt cannot change: the broker rejects the event itself."""


@cache
def client() -> Producer:
    """Return the producer, which connects when it first sends."""
    return Producer(
        {
            "bootstrap.servers": ",".join(json.loads(required("KAFKA_SERVERS"))),
            "client.id": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            # Acknowledged by all replicas, no duplicate and no change of order by the client's own retries.
            "enable.idempotence": True,
            "delivery.timeout.ms": DELIVERY_MS,
            "linger.ms": 2,
            "log_level": 2,  # the outcome of each event says what is wrong; its own lines are no JSON
            **security(),
        }
    )


def send(events: Sequence[Outgoing]) -> dict[str, Exception]:
    """Send the events and flush once; return the error of each that has no acknowledgement.

    After a batch without any acknowledgement the next one starts with a new producer: a fatal error ends a
    producer for good, and a rotated password is read again.
    """
    deadline().require(SEND_MS)
    outcomes: dict[str, Exception | None] = {
        each.message_id: NotAcknowledgedError("no delivery report") for each in events
    }
    producer = client()
    for each in events:
        _produce(producer, each, outcomes)
    producer.flush(FLUSH_MS / 1000)
    errors = {message_id: error for message_id, error in outcomes.items() if error}
    if len(errors) == len(outcomes):
        client.cache_clear()
    return errors


def _produce(producer: Producer, outgoing: Outgoing, outcomes: dict[str, Exception | None]) -> None:
    def report(error: KafkaError | None, _: Message) -> None:
        outcomes[outgoing.message_id] = _failure(error) if error else None

    try:
        producer.produce(
            required("KAFKA_TOPIC"),
            key=outgoing.event.key,
            value=outgoing.event.data,
            headers=dict(outgoing.event.headers(KAFKA)),
            on_delivery=report,
        )
    except KafkaException as error:
        outcomes[outgoing.message_id] = _failure(error.args[0])
    except BufferError:
        outcomes[outgoing.message_id] = NotAcknowledgedError("the client's queue is full")


def _failure(error: KafkaError) -> Exception:
    """Return the failure with the error's name; its text may hold addresses."""
    if error.code() in PERMANENT:
        return Rejected("refused_by_broker", error.name())
    return NotAcknowledgedError(error.name())
