"""The bridge against a real RabbitMQ: confirms, returns, the delivery limit, and a round trip."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from pika import BasicProperties, ConnectionParameters, PlainCredentials
from pika.adapters.blocking_connection import BlockingChannel

from functions.rabbitmq.channel import ConfirmChannel, UnreachableError
from functions.rabbitmq.confirms import AmqpMessage
from pocketcloud import Kind, OfflineCloud
from tests.assemblies import dev_with
from tests.neighbours.rabbit_queue import RabbitQueue, connected
from tests.neighbours.rabbitmq_node import HOST, missing, rabbitmq_node
from tests.neighbours.setup_page import blocks
from tests.workflow.call_faults import call_fault
from tests.workflow.rabbit_stage import BROKER, QUEUE, SETTINGS, arrival, broker_at, put_secret, throttled
from tests.workflow.shop import Shop, an_order, delivery_entry

TIMEOUT_SECONDS = 10.0
DELIVERY_LIMIT = 2
DECLARE, WAREHOUSE = blocks("rabbitmq.md", "python")
"""The scripts of the neighbour's side."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("a real broker starts in `make neighbours` only: it takes seconds")
    if reason := missing():
        pytest.skip(reason)
    with rabbitmq_node() as port:
        yield port


@pytest.fixture(scope="module")
def neighbour(port: int) -> Iterator[BlockingChannel]:
    """A channel of the neighbour, who declared the exchange and the queues as the setup page says."""
    with_limit = DECLARE.replace('"x-delivery-limit": 20', f'"x-delivery-limit": {DELIVERY_LIMIT}')
    with patch.dict(os.environ, AMQP_URL=f"amqp://guest:guest@{HOST}:{port}"):
        exec(compile(with_limit, "declare", "exec"), {})  # noqa: S102 - a script of our own docs
    with connected(port) as connection:
        yield connection.channel()


@pytest.fixture(scope="module")
def deployed(
    port: int, neighbour: BlockingChannel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OfflineCloud]:
    with OfflineCloud.start(assembly=dev_with(tmp_path_factory, bridges=SETTINGS)) as cloud, broker_at(port):
        put_secret(cloud, "guest", "guest")
        cloud.brokers.attach(BROKER, QUEUE, RabbitQueue(neighbour, QUEUE))
        yield cloud


@pytest.fixture
def shop(deployed: OfflineCloud, neighbour: BlockingChannel) -> Shop:
    """A new shop; the neighbour's queue is empty too."""
    deployed.reset()
    neighbour.queue_purge("warehouse")
    shop = Shop(deployed)
    shop.open()
    return shop


def publication(routing_key: str) -> AmqpMessage:
    return AmqpMessage(
        key=routing_key,
        id=f"id of {routing_key}",
        routing_key=routing_key,
        headers={},
        content_type="application/json",
        body=b"{}",
    )


def test_broker_confirms_returns_and_refuses(port: int, neighbour: BlockingChannel) -> None:
    user = PlainCredentials("guest", "guest")
    parameters = ConnectionParameters(HOST, port, credentials=user)
    channel = ConfirmChannel(parameters, timeout_seconds=TIMEOUT_SECONDS)
    sent = [publication("orders.OrderConfirmed"), publication("nobody")]
    assert channel.publish("orders", sent, timeout_seconds=TIMEOUT_SECONDS) == {
        "nobody": "unroutable: 312 NO_ROUTE"
    }
    (reason,) = channel.publish("missing", sent[:1], timeout_seconds=TIMEOUT_SECONDS).values()
    assert (reason, channel.is_open) == ("connection_closed: ChannelClosedByBroker 404", False)
    with pytest.raises(UnreachableError, match="ProbableAuthenticationError"):
        ConfirmChannel(
            ConnectionParameters(HOST, port, credentials=PlainCredentials("guest", "expired")),
            timeout_seconds=TIMEOUT_SECONDS,
        )
    neighbour.queue_purge("warehouse")


def test_order_leaves_and_a_delivery_comes_back(shop: Shop, neighbour: BlockingChannel) -> None:
    shop.place(an_order())
    shop.cloud.advance(minutes=2)
    assert not shop.dead_letters("rabbitmq")
    assert RabbitQueue(neighbour, "warehouse").wait_for(1) == 1
    before = shop.available()["TEAPOT"]
    warehouse: dict[str, object] = {}
    exec(compile(WAREHOUSE, "warehouse", "exec"), warehouse)  # noqa: S102 - a script of our own docs
    warehouse["replenish"](neighbour)  # type: ignore[operator]  # defined by the script
    assert RabbitQueue(neighbour, QUEUE).wait_for(1) == 1
    shop.cloud.advance(minutes=2)
    assert shop.available()["TEAPOT"] == before + 10
    assert RabbitQueue(neighbour, QUEUE).waiting() == 0
    assert not shop.cloud.access.denials


def test_broker_dead_letters_at_the_delivery_limit(shop: Shop, neighbour: BlockingChannel) -> None:
    sent = arrival(delivery_entry(TEAPOT=1))
    shown = BasicProperties(content_type="application/json", headers=dict(sent.headers))
    neighbour.basic_publish("", QUEUE, sent.body, shown)
    queue, dead = RabbitQueue(neighbour, QUEUE), RabbitQueue(neighbour, f"{QUEUE}-dead")
    assert queue.wait_for(1) == 1
    with call_fault(shop.cloud, throttled):
        for _ in range(10 * DELIVERY_LIMIT):
            shop.cloud.advance(minutes=2)
            if dead.waiting():
                break
    assert (dead.waiting(), queue.waiting()) == (1, 0)
    invoked = [hop for hop in shop.cloud.journal.of("delivery-1") if hop.kind is Kind.INVOKED]
    assert len(invoked) == DELIVERY_LIMIT + 1
