"""The bridge against real brokers of Kafka's protocol: out, in, a restart, and a round trip."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import cast
from unittest.mock import patch

import pytest
from confluent_kafka import Consumer, Message, TopicPartition

from functions.bridges.cloud_event import binary_event
from functions.bridges.outbound import Outgoing
from functions.kafka.producer import client, send
from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.neighbours.kafka_brokers import HOST, KAFKA_BROKERS, KafkaBroker, free_port
from tests.neighbours.setup_page import blocks
from tests.workflow.shop import Shop, an_order, delivery_entry

OUT, IN = "orders", "deliveries"
PARTITIONS = 6
MAKE_TOPICS, SEND_DELIVERY, SEND_AGAIN = blocks("kafka.md", "python")
"""The programs of the setup page."""
READ_SECONDS = 20.0
ROW = {"topic": OUT, "sasl": None, "inbound": {"topic": IN, "consumer_group": "orderbus"}}


@pytest.fixture(scope="module")
def servers() -> str:
    """Return the address of every broker of this file, one after the other."""
    return f"{HOST}:{free_port()}"


@pytest.fixture(scope="module", params=KAFKA_BROKERS, ids=lambda broker: broker.name)
def broker(request: pytest.FixtureRequest) -> KafkaBroker:
    chosen: KafkaBroker = request.param
    if chosen.missing:
        pytest.skip(chosen.missing)
    return chosen


@pytest.fixture(scope="module")
def deployed(servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    row = {**ROW, "servers": [servers], "ordered": True}
    stream = {"shards": 1, "retention_hours": 24}
    assembly = dev_with(tmp_path_factory, bridges={"kafka": row}, ordered_stream=stream)
    with OfflineCloud.start(assembly=assembly) as cloud:
        yield cloud
        cloud.services.runtime.sandboxes.drop()  # with their producers, which would look for the broker
    client.cache_clear()


@pytest.fixture
def shop(deployed: OfflineCloud) -> Shop:
    """A new shop, and functions that have no client yet."""
    deployed.reset()
    deployed.services.runtime.sandboxes.drop()
    shop = Shop(deployed)
    shop.open()
    return shop


def make_topics(servers: str) -> None:
    run(MAKE_TOPICS, servers)


def run(script: str, servers: str) -> None:
    """Run a script of the setup page."""
    names: dict[str, object] = {}
    with patch.dict(os.environ, KAFKA_SERVERS=servers):
        exec(compile(script, "kafka.md", "exec"), names)  # noqa: S102 - a script of our own docs
    names.clear()  # its client would look for the broker until it is collected


def read(servers: str, topic: str, count: int) -> list[Message]:
    """Return the first records of a topic, in order within each partition."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "outside", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
    found: list[Message] = []
    ends = monotonic() + READ_SECONDS
    while len(found) < count and monotonic() < ends:
        found += [each for each in consumer.consume(count, 0.5) if not each.error()]
    consumer.close()
    return found


def headers_of(message: Message) -> dict[str, str]:
    return {name: value.decode() for name, value in binary_headers(message)}


def binary_headers(message: Message) -> list[tuple[str, bytes]]:
    """Return the headers, which the client's types allow to be a mapping or texts too."""
    return list(cast("list[tuple[str, bytes]]", message.headers() or []))


def key_of(message: Message) -> bytes:
    return message.key() or b""


def value_of(message: Message) -> bytes:
    return message.value() or b""


def place_orders(shop: Shop, count: int) -> dict[str, list[str]]:
    """Return the facts of each order, in order."""
    for number in range(count):
        body = an_order(lines=[{"sku": "CUP", "quantity": 1}])
        shop.place(body, key=f"key-{number}", customer=f"customer-{number}")
    shop.cloud.settle()
    return {order["order_id"]: shop.facts(order["order_id"]) for order in shop.orders()}


def by_key(messages: Sequence[Message]) -> dict[str, list[str]]:
    """Return the types of each key's events in the order of their first appearance."""
    found: dict[str, dict[str, str]] = {}
    for message in messages:
        headers = headers_of(message)
        found.setdefault(key_of(message).decode(), {}).setdefault(headers["ce_id"], headers["ce_type"])
    return {key: list(types.values()) for key, types in found.items()}


def reply(servers: str, order: Message) -> None:
    """Send what an outside warehouse sends when it learns of a shipment: new stock."""
    assert headers_of(order)["ce_type"] == "ShipmentScheduled"
    run(SEND_DELIVERY, servers)


def take_in(cloud: OfflineCloud, messages: Sequence[Message]) -> None:
    """Hand the broker's records to the event source mapping."""
    for message in messages:
        cloud.kafka.put(IN, value_of(message), key=key_of(message), headers=binary_headers(message))
    cloud.settle()


def test_order_goes_to_kafka_and_stock_comes_back(broker: KafkaBroker, servers: str, shop: Shop) -> None:
    with broker.running(int(servers.rpartition(":")[2])):
        make_topics(servers)
        orders = place_orders(shop, 4)
        messages = read(servers, OUT, sum(map(len, orders.values())))
        assert by_key(messages) == orders
        partitions = {(each.key(), each.partition()) for each in messages}
        assert len(partitions) == len(orders)
        shipped = [each for each in messages if headers_of(each)["ce_type"] == "ShipmentScheduled"]
        before = shop.available()["CUP"]
        reply(servers, shipped[0])
        delivered = read(servers, IN, 1)
        take_in(shop.cloud, delivered * 2)  # Lambda too delivers at least once
        assert shop.available()["CUP"] == before + 11
    assert {each.event.type for each in shop.cloud.undelivered if each.event} <= {"StockAdded"}


def test_restart_of_the_broker_loses_nothing(broker: KafkaBroker, servers: str, shop: Shop) -> None:
    port = int(servers.rpartition(":")[2])
    shop.place(an_order())
    shop.cloud.advance(seconds=20)  # the broker is not there: the first attempt takes ten real seconds
    with broker.running(port):
        make_topics(servers)
        shop.cloud.settle()
        orders = {order["order_id"]: shop.facts(order["order_id"]) for order in shop.orders()}
        assert by_key(read(servers, OUT, sum(map(len, orders.values())))) == orders
    assert {each.event.type for each in shop.cloud.undelivered if each.event} <= {"StockAdded"}


def test_records_that_lambda_named_are_sent_again(
    broker: KafkaBroker, servers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program of the setup page takes what `orderbus dlq show` prints."""
    with broker.running(int(servers.rpartition(":")[2])):
        make_topics(servers)
        for _ in range(4):
            run(SEND_DELIVERY, servers)
        before = read(servers, IN, 4)
        (partition,) = {each.partition() for each in before}
        monkeypatch.setenv("RECORDS", f"{IN}-{partition}:1-2")
        run(SEND_AGAIN, servers)
        after = read(servers, IN, 6)
    assert [headers_of(each) for each in after[4:]] == [headers_of(each) for each in before[1:3]]
    assert [(key_of(each), value_of(each)) for each in after[4:]] == [
        (key_of(each), value_of(each)) for each in before[1:3]
    ]


def test_rate_of_batches_of_ten(
    broker: KafkaBroker,
    servers: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Print how many events a second one function sends, batch by batch with one flush each."""
    variables = {"KAFKA_SERVERS": json.dumps([servers]), "KAFKA_TOPIC": OUT}
    for name, value in {**variables, "AWS_LAMBDA_FUNCTION_NAME": "kafka"}.items():
        monkeypatch.setenv(name, value)
    event = binary_event(delivery_entry("delivery-1", CUP=1)["Detail"])
    batches = [[Outgoing(f"{batch}-{place}", event) for place in range(10)] for batch in range(100)]
    with broker.running(int(servers.rpartition(":")[2])):
        make_topics(servers)
        client.cache_clear()  # the last one knew another cluster
        started = monotonic()
        errors = [send(batch) for batch in batches]
        rate = 1000 / (monotonic() - started)
    assert not any(errors)
    with capsys.disabled():
        sys.stdout.write(f"\n{broker.name}: {rate:.0f} events a second in batches of ten\n")
