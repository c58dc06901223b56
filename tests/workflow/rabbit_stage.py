"""A stage with the bridge to RabbitMQ, and the address at which its functions find a broker."""

import gc
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from functions.bridges.cloud_event import AMQP, binary_event
from pocketcloud import AwsCall, OfflineCloud
from pocketcloud.mq.broker_queue import BrokerMessage
from tests.workflow.call_faults import Proceed
from tests.workflow.shop import PREFIX

HOST, PORT = "127.0.0.1", 45671
"""In the stage's settings; nothing listens there."""
BROKER = "arn:aws:mq:eu-west-1:123456789012:broker:neighbour:b-1"
QUEUE = "to-orderbus"
SETTINGS: dict[str, Any] = {
    "rabbitmq": {
        "url": f"amqp://{HOST}:{PORT}",
        "exchange": "orders",
        "inbound": {"broker_arn": BROKER, "queue": QUEUE},
    }
}


def put_secret(cloud: OfflineCloud, username: str, password: str) -> None:
    """Put in what a person puts in once, and again after each change of the password."""
    value = json.dumps({"username": username, "password": password})
    cloud.client("secretsmanager").put_secret_value(SecretId=f"{PREFIX}-rabbitmq", SecretString=value)


def arrival(entry: dict[str, Any]) -> BrokerMessage:
    """Return an outside producer's event as its message in binary mode."""
    event = binary_event(entry["Detail"])
    headers = event.headers(AMQP)
    content_type = headers.pop(AMQP.content_type)
    properties = {"content_type": content_type, "message_id": event.id}
    return BrokerMessage(body=event.data, headers=headers, properties=properties)


def throttled(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """Let EventBridge refuse the last entry of each batch from the broker."""
    if call.operation != "PutEvents" or call.function != f"{PREFIX}-rabbitmq-inbound":
        return proceed()
    entries = call.parameters["Entries"]
    last = entries.pop()
    response = proceed() if entries else {"Entries": []}
    entries.append(last)
    response["Entries"].append({"ErrorCode": "ThrottlingException"})
    return {**response, "FailedEntryCount": 1}


@contextmanager
def broker_at(actual: int) -> Iterator[None]:
    """Lead the stage's address to a broker on another port; close the functions' connections at the end."""
    resolve = socket.getaddrinfo

    def led(host: str, port: int, *more: Any, **named: Any) -> Any:
        return resolve(host, actual if port == PORT else port, *more, **named)

    with patch.object(socket, "getaddrinfo", led):
        try:
            yield
        finally:
            _close_connections()


def _close_connections() -> None:
    """Close what warm functions keep: a socket that only the garbage collector closes is an error here."""
    for each in gc.get_objects():
        if type(each).__name__ == "ExchangePublisher":
            each.close()
