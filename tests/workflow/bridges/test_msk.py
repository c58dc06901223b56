"""The bridge to Kafka of Amazon MSK, with the row of its page: the role is the user."""

import json
from collections.abc import Iterator

import pytest

from functions.kafka.iam_token import role_token
from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.neighbours.setup_page import blocks
from tests.workflow.kafka_cluster import cluster_in_memory
from tests.workflow.shop import Shop, an_order, delivery_entry


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev` with a private cluster."""
    bridges = json.loads(f"{{{blocks('kafka.md', 'json')[2]}}}")
    with OfflineCloud.start(assembly=dev_with(tmp_path_factory, bridges=bridges)) as cloud:
        yield cloud


def test_order_goes_to_msk_and_stock_comes_back(shop: Shop) -> None:
    shop.cloud.services.runtime.sandboxes.drop()
    with cluster_in_memory() as cluster:
        order_id = shop.place(an_order(lines=[{"sku": "CUP", "quantity": 1}]))
        event = json.loads(delivery_entry("delivery-1", TEAPOT=7)["Detail"])
        data = json.dumps(event.pop("data")).encode()
        headers = [(f"ce_{name}", str(value).encode()) for name, value in event.items()]
        shop.cloud.kafka.put("deliveries", data, key=b"TEAPOT", headers=headers)
        shop.cloud.settle()
    assert set(cluster.types_by_key()[order_id]) == set(shop.facts(order_id))
    (configuration,) = cluster.configurations
    assert configuration["security.protocol"] == "SASL_SSL"
    assert configuration["sasl.mechanism"] == "OAUTHBEARER"
    assert configuration["oauth_cb"].__qualname__ == role_token.__qualname__
    assert not [name for name in configuration if name in {"sasl.username", "sasl.password"}]
    assert shop.available()["TEAPOT"] == 5 + 7
    assert not shop.cloud.access.denials
