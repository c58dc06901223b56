"""The bridge to RabbitMQ in a stage that has it: nothing is lost, and what comes twice has the same id."""

import json
from collections.abc import Iterator

import pytest

from pocketcloud import OfflineCloud
from pocketcloud.mq.broker_queue import BrokerMessage, QuorumQueue
from tests.assemblies import dev_with
from tests.unit.functions.amqp_server import (
    PASSWORD,
    AmqpServer,
    Arrived,
    Decide,
    ack,
    broken,
    serving,
)
from tests.workflow.call_faults import call_fault
from tests.workflow.rabbit_stage import BROKER, QUEUE, SETTINGS, arrival, broker_at, put_secret, throttled
from tests.workflow.shop import PREFIX, Shop, an_order, delivery_entry

HOURS_OF_OUTAGE = 1
VISIBILITY_MINUTES = 10
"""More than a message's visibility timeout, after which it comes again."""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev` with the bridge in both directions."""
    with OfflineCloud.start(assembly=dev_with(tmp_path_factory, bridges=SETTINGS)) as cloud:
        put_secret(cloud, "bridge", PASSWORD)
        yield cloud


@pytest.fixture
def queue(deployed: OfflineCloud) -> QuorumQueue:
    queue = QuorumQueue(delivery_limit=5)
    deployed.brokers.attach(BROKER, QUEUE, queue)
    return queue


def logged(shop: Shop) -> set[str]:
    """Return the ids of all events that the services published."""
    return {json.loads(row["event"])["id"] for row in shop.rows("event-log")}


def place(shop: Shop, count: int = 2) -> None:
    for number in range(count):
        body = an_order(lines=[{"sku": "CUP", "quantity": 1}])
        shop.place(body, key=f"key-{number}", customer=f"customer-{number}")


def test_bridge_sends_every_event_once(shop: Shop) -> None:
    with serving() as server, broker_at(server.port):
        place(shop)
        shop.cloud.settle()
        arrived = [each.id for each in server.arrived]
    assert sorted(arrived) == sorted(logged(shop))
    first = server.arrived[0]
    assert first.method.routing_key == f"orders.{first.properties.headers['cloudEvents:type']}"
    assert not shop.cloud.undelivered
    assert not shop.cloud.access.denials


def test_bridge_waits_when_broker_is_down_an_hour(shop: Shop) -> None:
    place(shop)
    shop.cloud.advance(hours=HOURS_OF_OUTAGE)
    assert {order["status"] for order in shop.orders()} == {"shipped"}
    assert not shop.dead_letters("rabbitmq")
    with serving() as server, broker_at(server.port):
        shop.cloud.advance(minutes=VISIBILITY_MINUTES)
        assert {each.id for each in server.arrived} == logged(shop)
    assert not shop.dead_letters("rabbitmq")


def test_bridge_reads_the_secret_again_when_its_password_expires(shop: Shop) -> None:
    with serving() as server, broker_at(server.port):
        server.password = "next"
        place(shop, 1)
        shop.cloud.advance(minutes=VISIBILITY_MINUTES)
        assert not server.arrived
        assert "broker_unreachable: ProbableAuthenticationError" in "".join(
            shop.cloud.logs(f"{PREFIX}-rabbitmq")
        )
        put_secret(shop.cloud, "bridge", "next")
        shop.cloud.advance(minutes=VISIBILITY_MINUTES)
        put_secret(shop.cloud, "bridge", PASSWORD)
        assert {each.id for each in server.arrived} == logged(shop)
    assert not shop.dead_letters("rabbitmq")


def closing_twice(server: AmqpServer) -> None:
    """Let the connection end under two messages, once each."""
    faults: Iterator[Decide] = iter([ack, broken, ack, ack, broken])

    def decide(message: Arrived) -> tuple[object, ...]:
        return next(faults, ack)(message)

    server.decide = decide


def test_bridge_repeats_what_was_not_confirmed(shop: Shop) -> None:
    with serving() as server, broker_at(server.port):
        closing_twice(server)
        place(shop)
        shop.cloud.advance(minutes=3 * VISIBILITY_MINUTES)
        assert {each.id for each in server.arrived} == logged(shop)
        assert len(server.arrived) > len(logged(shop))
    assert not shop.cloud.undelivered


def test_bridge_admits_a_delivery_once(shop: Shop, queue: QuorumQueue) -> None:
    for _ in range(2):
        queue.publish(arrival(delivery_entry(TEAPOT=7)))
    shop.cloud.advance(minutes=1)
    queue.publish(arrival(delivery_entry(TEAPOT=7)))
    shop.cloud.advance(minutes=1)
    assert shop.available()["TEAPOT"] == 12
    assert not queue.dead_letters
    assert not shop.cloud.access.denials


def test_poison_is_dead_lettered_and_stops_nothing(shop: Shop, queue: QuorumQueue) -> None:
    ours = delivery_entry("delivery-2", TEAPOT=1)
    forged = {**ours, "Detail": ours["Detail"].replace('"warehouse"', '"inventory"')}
    for message in (BrokerMessage(body=b"hello"), arrival(forged), arrival(delivery_entry(TEAPOT=7))):
        queue.publish(message)
    shop.cloud.advance(minutes=1)
    assert shop.available()["TEAPOT"] == 12
    found = [each["MessageAttributes"]["reason"] for each in shop.dead_letters("rabbitmq-inbound")]
    assert sorted(each["StringValue"] for each in found) == ["not_a_cloudevent", "source_unauthorised"]
    assert not queue.dead_letters


def test_batch_returns_whole_when_the_ingress_bus_throttles(shop: Shop, queue: QuorumQueue) -> None:
    with call_fault(shop.cloud, throttled):
        for number in range(3):
            queue.publish(arrival(delivery_entry(f"delivery-{number}", TEAPOT=1)))
        shop.cloud.advance(seconds=3)
        assert (queue.waiting(), shop.available()["TEAPOT"]) == (3, 7)
    shop.cloud.advance(minutes=2)
    assert (shop.available()["TEAPOT"], queue.waiting(), queue.dead_letters) == (8, 0, [])
