"""Bridges that only take events in: each works without a queue, a topic or an exchange of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infrastructure.application import InvalidStageError, Stage
from infrastructure.orderbus import ORDERBUS
from pocketcloud import OfflineCloud
from pocketcloud.mq.broker_queue import QuorumQueue
from tests.assemblies import dev_with, settings_of_stages
from tests.infrastructure.graph import Graph
from tests.workflow.bridges.google import PUSHER
from tests.workflow.bridges.pushes import message_of, push
from tests.workflow.command_line import orderbus
from tests.workflow.rabbit_stage import BROKER, HOST, PORT, QUEUE, arrival
from tests.workflow.shop import Shop, an_order, delivery_entry

ROWS: dict[str, dict[str, Any]] = {
    "kafka": {
        "servers": ["127.0.0.1:9092"],
        "sasl": None,
        "inbound": {"topic": "deliveries", "consumer_group": "orderbus"},
    },
    "rabbitmq": {"url": f"amqp://{HOST}:{PORT}", "inbound": {"broker_arn": BROKER, "queue": QUEUE}},
    "pubsub": {"push_service_account": PUSHER},
}
INBOUND = {"kafka": "inbound", "rabbitmq": "inbound", "pubsub": "push"}
"""The module of each bridge's only function."""


def stage(name: str, **changes: Any) -> Stage:
    stages = settings_of_stages()["stages"]
    stages["dev"]["bridges"] = {name: {**ROWS[name], **changes}}
    return ORDERBUS.stage("dev", stages)


@pytest.fixture(scope="module")
def inbound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stage `dev` with the three rows."""
    return dev_with(tmp_path_factory, bridges=ROWS)


@pytest.fixture(scope="module")
def deployed(inbound: Path) -> Iterator[OfflineCloud]:
    with OfflineCloud.start(assembly=inbound) as cloud:
        yield cloud


def test_inbound_bridges_have_no_queue_and_receive_no_fact(inbound: Path) -> None:
    graph = Graph(inbound)
    own = {f"orderbus-dev-{name}" for name in ROWS}
    resources = [
        each
        for kind in ("SQS::Queue", "SNS::Subscription", "Events::Rule", "Lambda::Function")
        for each in graph.of(kind)
        if each.stack in own
    ]
    kinds = {(each.stack.rpartition("-")[2], each.name.rpartition("-")[2]) for each in resources}
    functions = set(INBOUND.items())
    assert kinds == functions | {(bridge, "dlq") for bridge in ROWS}


def test_events_come_in_and_none_goes_out(shop: Shop) -> None:
    cloud, queue = shop.cloud, QuorumQueue(delivery_limit=5)
    cloud.brokers.attach(BROKER, QUEUE, queue)
    shop.place(an_order(lines=[{"sku": "CUP", "quantity": 1}]))
    event = json.loads(delivery_entry("delivery-1", TEAPOT=1)["Detail"])
    data = json.dumps(event.pop("data")).encode()
    headers = [(f"ce_{name}", str(value).encode()) for name, value in event.items()]
    cloud.kafka.put("deliveries", data, key=b"TEAPOT", headers=headers)
    queue.publish(arrival(delivery_entry("delivery-2", TEAPOT=10)))
    assert push(cloud, message_of(delivery_entry("delivery-3", TEAPOT=100))).status == 204
    cloud.settle()
    assert shop.available()["TEAPOT"] == 5 + 111
    assert not cloud.access.denials
    assert orderbus("dlq", "ls")[0] == 0


@pytest.mark.parametrize("name", ROWS)
def test_inbound_row_with_a_setting_of_sending_is_rejected(name: str) -> None:
    (bridge,) = stage(name).bridges
    assert [each.module for each in bridge.functions] == [INBOUND[name]]
    with pytest.raises(InvalidStageError, match="sends nothing: remove facts"):
        stage(name, facts=["OrderCreated"])


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("kafka", {"ordered": True}, "ordered is of what is sent"),
        ("kafka", {"inbound": None}, "neither sends nor takes in anything"),
        ("rabbitmq", {"inbound": None}, "neither sends nor takes in anything"),
        ("pubsub", {"push_service_account": None}, "neither sends nor takes in anything"),
        ("pubsub", {"topic": "projects/my-shop/topics/orders"}, "set all four"),
        ("pubsub", {"endpoint": "https://pubsub.googleapis.com"}, "set all four"),
        ("pubsub", {"other_topics": {"OrderCreated": "projects/my-shop/topics/created"}}, "set all four"),
    ],
)
def test_row_of_half_a_direction_is_rejected(name: str, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidStageError, match=reason):
        stage(name, **changes)
