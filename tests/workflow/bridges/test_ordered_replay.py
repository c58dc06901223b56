"""`orderbus replay` to Kafka in a stage whose bridge reads the ordered stream: each order in order."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.permissions.people import POLICIES, person
from tests.workflow.command_line import orderbus
from tests.workflow.dead_letter_queues import send as dead_letter
from tests.workflow.kafka_cluster import KafkaCluster, LoggedRecord, cluster_in_memory, down, every
from tests.workflow.shop import Shop, an_order

STREAM = {"shards": 2, "retention_hours": 168}
ROW: dict[str, Any] = {"servers": ["127.0.0.1:9092"], "topic": "orders", "sasl": None, "ordered": True}
ALL = ("replay", "kafka", "--since", "1d")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev` with the ordered stream."""
    assembly = dev_with(tmp_path_factory, bridges={"kafka": ROW}, ordered_stream=STREAM)
    with OfflineCloud.start(assembly=assembly) as cloud:
        yield cloud


@pytest.fixture
def cluster(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[KafkaCluster]:
    """A new cluster, which has the facts of four orders."""
    monkeypatch.setattr("cli.replay.commands.sleep", lambda _: None)
    shop.cloud.services.runtime.sandboxes.drop()
    with cluster_in_memory() as cluster:
        for number in range(4):
            body = an_order(lines=[{"sku": "CUP", "quantity": 1}])
            shop.place(body, key=f"key-{number}", customer=f"customer-{number}")
        shop.cloud.settle()
        yield cluster


def in_order(shop: Shop) -> dict[str, list[str]]:
    return {order["order_id"]: shop.facts(order["order_id"]) for order in shop.orders()}


def replayed(cluster: KafkaCluster, *words: str) -> tuple[int, list[LoggedRecord]]:
    """Run the replay; return its exit code and what the cluster got of it."""
    before = len(cluster.log)
    code, _, _ = orderbus(*(words or ALL), "--yes")
    return code, cluster.log[before:]


def test_replay_repeats_each_orders_facts_in_order(shop: Shop, cluster: KafkaCluster) -> None:
    code, records = replayed(cluster)
    assert code == ExitCode.OK
    assert KafkaCluster(log=records).types_by_key() == in_order(shop) == cluster.types_by_key()
    assert len(records) == len(cluster.log) / 2


def test_replay_keeps_order_when_the_cluster_fails_midway(shop: Shop, cluster: KafkaCluster) -> None:
    cluster.fault = every(3, down, times=5)
    code, records = replayed(cluster)
    assert code == ExitCode.OK
    assert KafkaCluster(log=records).types_by_key() == in_order(shop)


def test_replay_reports_its_stop_when_cluster_is_down(shop: Shop, cluster: KafkaCluster) -> None:
    cluster.fault = down
    code, records = replayed(cluster)
    assert (code, records) == (ExitCode.INCOMPLETE, [])
    cluster.fault = lambda _: None
    assert replayed(cluster)[0] == ExitCode.OK
    assert KafkaCluster(log=cluster.log).types_by_key() == in_order(shop)


def test_operator_may_replay_one_order(shop: Shop, cluster: KafkaCluster) -> None:
    order_id = next(iter(in_order(shop)))
    operator, before = person(shop.cloud, "an-operator", *POLICIES), len(cluster.log)
    assert operator.types("replay", "kafka", "--order", order_id, "--yes")
    records = cluster.log[before:]
    assert KafkaCluster(log=records).types_by_key() == {order_id: shop.facts(order_id)}
    assert not [each for each in shop.cloud.access.denials if "an-operator" in each.principal.name]


def test_archive_has_no_way_to_a_bridge_in_order(shop: Shop, cluster: KafkaCluster) -> None:
    del shop
    code, _, error = orderbus(*ALL, "--from-archive", "--yes")
    assert code == ExitCode.USAGE
    assert "Leave out --from-archive" in error
    assert len(cluster.log) == len({record.headers["ce_id"] for record in cluster.log})


def test_dlq_names_the_replay_of_discarded_records(shop: Shop, cluster: KafkaCluster) -> None:
    now = shop.cloud.clock.now()
    arrivals = {"approximateArrivalOfFirstRecord": now.isoformat(), "batchSize": 2, "shardId": "shardId-0"}
    info = {**arrivals, "approximateArrivalOfLastRecord": now.isoformat()}
    context = {"condition": "RecordAgeExceeded"}
    dead_letter(shop, "kafka-ordered-dlq", json.dumps({"requestContext": context, "KinesisBatchInfo": info}))
    (group,) = json.loads(orderbus("dlq", "ls", "--json", "--consumer", "kafka-ordered")[1])["groups"]
    assert (group["format"], group["reason"]) == ("stream", "RecordAgeExceeded")
    shown = json.loads(orderbus("dlq", "show", group["messages"][0], "--json")[1])["goes_back_to"]
    command = shown.partition("run orderbus ")[2].partition(" --yes")[0]
    code, records = replayed(cluster, *command.split())
    assert code == ExitCode.OK
    assert KafkaCluster(log=records).types_by_key() == in_order(shop)
