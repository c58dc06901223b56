"""The bridge against Google's own emulator, and a round trip; tokens are the stand-in's."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.neighbours.pubsub_emulator import Emulator, emulator, missing
from tests.workflow.bridges import google
from tests.workflow.bridges.google import Google
from tests.workflow.bridges.pushes import message_of, push
from tests.workflow.shop import Shop, an_order, delivery_entry

PROJECT = "projects/my-shop"
ORDERS, BACK = f"{PROJECT}/subscriptions/outside", f"{PROJECT}/subscriptions/stock"


@pytest.fixture(scope="module")
def pubsub() -> Iterator[Emulator]:
    """An emulator with the topics and subscriptions of the setup page."""
    if reason := missing():
        pytest.skip(reason)
    with emulator() as found:
        for topic in (google.TOPIC, f"{PROJECT}/topics/stock"):
            found.call("PUT", topic, {})
        found.call("PUT", ORDERS, {"topic": google.TOPIC, "enableMessageOrdering": True})
        found.call("PUT", BACK, {"topic": f"{PROJECT}/topics/stock"})
        yield found


@contextmanager
def token_service(cloud: OfflineCloud) -> Iterator[Google]:
    """The emulator accepts any token, and has no service that grants one."""
    tokens = Google(lambda: cloud.clock.now().timestamp())
    yield tokens
    tokens.stop()


@pytest.fixture(scope="module")
def shop(pubsub: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with OfflineCloud() as cloud, token_service(cloud) as tokens:
        row = {**google.row(pubsub.url, tokens.url), "other_topics": {}}
        cloud.deploy(dev_with(tmp_path_factory, bridges={"pubsub": row}))
        shop = Shop(cloud)
        shop.open()
        yield shop


def test_order_goes_out_and_stock_comes_back(shop: Shop, pubsub: Emulator) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    messages = pubsub.pull(ORDERS)
    assert {each["attributes"]["ce-type"] for each in messages} == {"OrderConfirmed", "ShipmentScheduled"}
    assert {each["orderingKey"] for each in messages} == {order_id}
    shipped = json.loads(base64.b64decode(messages[-1]["data"]))
    assert shipped["order_id"] == order_id
    before = shop.available()["TEAPOT"]
    outside = message_of(delivery_entry(order_id, TEAPOT=7))
    pubsub.call("POST", f"{PROJECT}/topics/stock:publish", {"messages": [outside, outside]})
    back = pubsub.pull(BACK)
    assert len(back) == 2
    assert [push(shop.cloud, each).status for each in back] == [204, 204]
    shop.cloud.settle()
    assert shop.available()["TEAPOT"] == before + 7


def test_topic_that_does_not_exist_fails_its_items_only(shop: Shop, pubsub: Emulator) -> None:
    pubsub.call("DELETE", google.TOPIC, {})
    order_id = shop.place(an_order(), key="k2")
    shop.cloud.advance(minutes=10)
    assert shop.facts(order_id)[-1] == "ShipmentScheduled"
    pubsub.call("PUT", google.TOPIC, {})
    pubsub.call("PUT", f"{PROJECT}/subscriptions/again", {"topic": google.TOPIC})
    shop.cloud.settle()
    found = pubsub.pull(f"{PROJECT}/subscriptions/again")
    assert {each["orderingKey"] for each in found} == {order_id}
