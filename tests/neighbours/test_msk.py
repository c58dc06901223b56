"""The producer that authenticates by IAM: its token is verified in front of a broker of Kafka's protocol."""

import dataclasses
import json
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from functions.bridges.cloud_event import binary_event
from functions.bridges.outbound import Outgoing
from functions.kafka import producer
from functions.kafka.credentials import security
from tests.neighbours.kafka_brokers import HOST, KAFKA_BROKERS, free_port
from tests.unit.functions.msk_gate import gate
from tests.unit.functions.self_signed import self_signed
from tests.unit.functions.test_kafka_iam import role
from tests.workflow.shop import delivery_entry

EVENT = binary_event(delivery_entry("delivery-1", CUP=1)["Detail"])
READ_SECONDS = 20
__all__ = ["role"]
TANSU = next(broker for broker in KAFKA_BROKERS if broker.name == "Tansu")
"""It names another address than its own to clients: that of the gate."""


def advertised(gate_port: int, program: Path, port: int, home: Path) -> list[str]:
    command = TANSU.command(program, port, home)
    place = command.index("--advertised-listener-url") + 1
    return [*command[:place], f"tcp://{HOST}:{gate_port}", *command[place + 1 :]]


def test_events_pass_the_gate_with_the_roles_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if TANSU.missing:
        pytest.skip(TANSU.missing)
    broker_port, gate_port = free_port(), free_port()
    broker = dataclasses.replace(TANSU, command=partial(advertised, gate_port))
    authority = self_signed(tmp_path)
    servers = {"bootstrap.servers": f"{HOST}:{gate_port}", "ssl.ca.location": str(authority[0])}
    monkeypatch.setenv("KAFKA_SERVERS", json.dumps([servers["bootstrap.servers"]]))
    monkeypatch.setattr(producer, "Producer", lambda given: Producer({**given, **servers}))
    with broker.running(broker_port), gate(authority, port=gate_port, broker=broker_port) as front:
        admin = AdminClient({**servers, **security()})
        admin.create_topics([NewTopic("orders", 1)])["orders"].result(20)
        assert producer.send([Outgoing(str(number), EVENT) for number in range(10)]) == {}
        consumer = Consumer({**servers, **security(), "group.id": "outside"})
        consumer.assign([TopicPartition("orders", 0, 0)])
        arrived = consumer.consume(10, READ_SECONDS)
        consumer.close()
    assert [each.value() for each in arrived] == [EVENT.data] * 10
    assert set(front.refusals) == {None}
