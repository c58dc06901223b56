"""Tests of the bridge to Kafka: the outcome of each event, credentials, and Lambda's records."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from functions.bridges.cloud_event import KAFKA, binary_event
from functions.bridges.outbound import NotAcknowledgedError, Outgoing
from functions.kafka import producer
from functions.kafka.credentials import KafkaUser, security
from functions.kafka.records import failure_of, incoming
from functions.shared.contracts.codec import Rejected
from functions.shared.runtime.batch import NotABatchError
from functions.shared.runtime.deadline import OutOfTimeError, deadline
from tests.unit.functions.account import client
from tests.unit.functions.builders import SENT_MS, Context, a_document, a_stock_replenished, an_order_created
from tests.workflow.kafka_cluster import TIMED_OUT, ClusterProducer, KafkaCluster, down

EVENT = binary_event(json.dumps(a_document(an_order_created())))
EVENTS = [Outgoing(f"message-{number}", EVENT) for number in range(3)]


@pytest.fixture
def cluster(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[KafkaCluster]:
    """A cluster that asks for a password, which is in the secret."""
    client("secretsmanager").create_secret(Name="kafka", SecretString=secret("first"))
    variables = {
        "AWS_LAMBDA_FUNCTION_NAME": "kafka",
        "KAFKA_SASL": "SCRAM-SHA-512",
        "KAFKA_SECRET": "kafka",
        "KAFKA_SERVERS": '["one.example:9096", "two.example:9096"]',
        "KAFKA_TOPIC": "orders",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    cluster = KafkaCluster()
    monkeypatch.setattr(ClusterProducer, "cluster", cluster, raising=False)
    monkeypatch.setattr(producer, "Producer", ClusterProducer)
    producer.client.cache_clear()
    yield cluster
    producer.client.cache_clear()


def secret(password: str) -> str:
    return json.dumps({"username": "orderbus", "password": password})


def test_producer_is_idempotent_and_authenticates_over_tls(cluster: KafkaCluster) -> None:
    assert producer.send(EVENTS) == {}
    assert producer.send(EVENTS) == {}
    (configuration,) = cluster.configurations
    assert configuration["bootstrap.servers"] == "one.example:9096,two.example:9096"
    assert configuration["enable.idempotence"] is True
    assert configuration["security.protocol"] == "SASL_SSL"
    assert configuration["sasl.password"] == "first"
    assert {record.key for record in cluster.log} == {EVENT.key}
    assert "first" not in repr(KafkaUser(username="orderbus", password="first"))


def test_rotated_password_is_read_after_a_batch_without_success(cluster: KafkaCluster) -> None:
    cluster.fault = down  # expired credentials: the client cannot send, and each event times out
    assert {type(error) for error in producer.send(EVENTS).values()} == {NotAcknowledgedError}
    client("secretsmanager").put_secret_value(SecretId="kafka", SecretString=secret("second"))
    cluster.fault = lambda _: None
    assert producer.send(EVENTS) == {}
    assert [each["sasl.password"] for each in cluster.configurations] == ["first", "second"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (KafkaError.MSG_SIZE_TOO_LARGE, Rejected),
        (KafkaError.INVALID_RECORD, Rejected),
        (TIMED_OUT, NotAcknowledgedError),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, NotAcknowledgedError),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, NotAcknowledgedError),
    ],
)
def test_error_of_one_event_leaves_the_others(cluster: KafkaCluster, code: int, kind: type) -> None:
    codes = iter([None, code, None])
    cluster.fault = lambda _: next(codes)
    errors = producer.send(EVENTS)
    assert {name: type(error) for name, error in errors.items()} == {"message-1": kind}


@pytest.mark.parametrize("error", [BufferError(), KafkaException(KafkaError(TIMED_OUT))])
def test_event_that_the_client_cannot_queue_comes_again(
    cluster: KafkaCluster, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(ClusterProducer, "produce", fail)
    assert {type(each) for each in producer.send(EVENTS).values()} == {NotAcknowledgedError}
    assert cluster.log == []


def test_batch_is_not_started_without_time_for_it(cluster: KafkaCluster) -> None:
    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return producer.SEND_MS - 1

    deadline().serve(Late())
    with pytest.raises(OutOfTimeError):
        producer.send(EVENTS)
    assert cluster.configurations == []


def test_broker_on_this_machine_needs_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_SASL", raising=False)
    assert security() == {}


def a_record(**changes: Any) -> dict[str, Any]:
    """Return a record as Lambda passes it; its header has bytes above 127, which are negative there."""
    event = binary_event(json.dumps(a_document(a_stock_replenished(), subject="Süd")))
    headers = [
        {name: [byte - 256 if byte > 127 else byte for byte in value.encode()]}
        for name, value in event.headers(KAFKA).items()
    ]
    value = base64.b64encode(event.data).decode()
    place = {"topic": "deliveries", "partition": 2, "offset": 15, "timestamp": SENT_MS}
    return {**place, "timestampType": "CREATE_TIME", "value": value, "headers": headers, **changes}


def batch(*records: dict[str, Any], source: str = "SelfManagedKafka") -> dict[str, Any]:
    return {"eventSource": source, "records": {"deliveries-2": list(records)}}


def test_record_of_lambda_is_its_cloudevents_document() -> None:
    (record,) = incoming(batch(a_record()))
    assert json.loads(record.document()) == a_document(a_stock_replenished(), subject="Süd")
    assert record.content == record.document()
    assert record.identifier == "deliveries-2:15"
    partition_and_offset = {"partition": "deliveries-2", "offset": 15}
    assert failure_of(record.identifier) == {"itemIdentifier": partition_and_offset}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"headers": []}, "not_a_cloudevent"),
        ({"value": ""}, "data_missing"),
        ({"headers": [{"ce_specversion": None}]}, "data_missing"),
    ],
)
def test_record_without_an_event_is_kept_as_it_came(changes: dict[str, Any], code: str) -> None:
    record = a_record(**{"value": "", **changes}) if code == "data_missing" else a_record(**changes)
    (read,) = incoming(batch(record))
    with pytest.raises(Rejected, match=code):
        read.document()
    assert json.loads(read.content) == record


@pytest.mark.parametrize("event", [{}, batch(a_record(), source="aws:sqs"), {"eventSource": "aws:kafka"}])
def test_event_of_another_source_is_no_batch(event: dict[str, Any]) -> None:
    with pytest.raises(NotABatchError):
        incoming(event)
