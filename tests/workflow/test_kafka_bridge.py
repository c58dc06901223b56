"""The bridge to Kafka through failures of both sides: nothing is lost, and duplicates carry the same id."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from pocketcloud import AwsCall, OfflineCloud
from tests.assemblies import dev_with
from tests.workflow.bridges.dashboard_series import measured, series
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.command_line import orderbus
from tests.workflow.dead_letter_queues import send as dead_letter
from tests.workflow.kafka_cluster import (
    TIMED_OUT,
    KafkaCluster,
    LoggedRecord,
    cluster_in_memory,
    down,
    duplicates,
    every,
)
from tests.workflow.shop import Shop, an_order, delivery_entry

ROW: dict[str, Any] = {
    "servers": ["127.0.0.1:9092"],
    "topic": "orders",
    "sasl": None,
    "inbound": {"topic": "deliveries", "consumer_group": "orderbus"},
}


def assembly(factory: pytest.TempPathFactory, *, ordered: bool) -> Path:
    stream = {"shards": 2, "retention_hours": 168} if ordered else None
    row = {**ROW, "ordered": ordered}
    return dev_with(factory, bridges={"kafka": row}, ordered_stream=stream, dashboards=True)


@pytest.fixture(scope="module", params=["queue", "stream"])
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OfflineCloud]:
    """The stage `dev` with a bridge that sends from a queue, then from the ordered stream."""
    chosen = assembly(tmp_path_factory, ordered=request.param == "stream")
    with OfflineCloud.start(assembly=chosen) as cloud:
        yield cloud


@pytest.fixture
def cluster(shop: Shop) -> Iterator[KafkaCluster]:
    """A new cluster, and functions that have no client yet."""
    shop.cloud.services.runtime.sandboxes.drop()
    with cluster_in_memory() as cluster:
        yield cluster


def place_orders(shop: Shop, count: int = 4) -> None:
    for number in range(count):
        body = an_order(lines=[{"sku": "CUP", "quantity": 1}])
        shop.place(body, key=f"key-{number}", customer=f"customer-{number}")


def logged(shop: Shop) -> dict[str, set[str]]:
    """Return the facts of each order in the event log."""
    return {order["order_id"]: set(shop.facts(order["order_id"])) for order in shop.orders()}


def arrived(cluster: KafkaCluster) -> dict[str, set[str]]:
    return {key: set(types) for key, types in cluster.types_by_key().items()}


def is_ordered(shop: Shop) -> bool:
    return "orderbus-dev-kafka-ordered" in {each["FunctionName"] for each in functions(shop)}


def functions(shop: Shop) -> list[dict[str, Any]]:
    pages = shop.cloud.client("lambda").get_paginator("list_functions").paginate()
    return [function for page in pages for function in page["Functions"]]


def undelivered(shop: Shop) -> list[str]:
    """Return the events that ended nowhere, without those that nobody but a bridge's queue receives."""
    types = [each.event.type if each.event else each.reason for each in shop.cloud.undelivered]
    return [each for each in types if each != "StockAdded"]


def assert_nothing_lost(shop: Shop, cluster: KafkaCluster) -> None:
    assert arrived(cluster) == logged(shop)
    assert undelivered(shop) == []
    if is_ordered(shop):
        in_order = {order["order_id"]: shop.facts(order["order_id"]) for order in shop.orders()}
        assert cluster.types_by_key() == in_order


def lost_acknowledgement(cluster: KafkaCluster) -> Any:
    def fault(record: LoggedRecord) -> int:
        cluster.log.append(record)
        return TIMED_OUT

    return fault


def test_every_fact_is_sent_once_keyed_by_its_order(shop: Shop, cluster: KafkaCluster) -> None:
    place_orders(shop)
    shop.cloud.settle()
    assert_nothing_lost(shop, cluster)
    assert duplicates(cluster.log) == 0
    events = {event["id"]: event for order in logged(shop) for event in shop.events(order)}
    for record in cluster.log:
        event = events[record.headers["ce_id"]]
        assert json.loads(record.value) == event["data"]
        assert record.key == event["subject"]
        assert record.headers["ce_traceparent"] == event["traceparent"]
    (configuration,) = cluster.configurations
    assert configuration["enable.idempotence"] is True
    counted = ("Sent", "kafka-ordered") if is_ordered(shop) else ("Handled", "kafka")
    assert counted in series(shop.cloud, "kafka") & measured(shop.cloud)
    assert not shop.cloud.access.denials


def test_cluster_down_for_an_hour_delays_no_order(shop: Shop, cluster: KafkaCluster) -> None:
    cluster.fault = down
    place_orders(shop)
    shop.cloud.advance(hours=1)
    assert {order["status"] for order in shop.orders()} == {"shipped"}
    assert cluster.log == []
    cluster.fault = lambda _: None
    shop.cloud.settle()
    assert_nothing_lost(shop, cluster)


def test_partial_failure_and_lost_acknowledgements_lose_nothing(shop: Shop, cluster: KafkaCluster) -> None:
    cluster.fault = every(3, down, times=10)
    place_orders(shop)
    shop.cloud.settle()
    assert_nothing_lost(shop, cluster)
    cluster.fault = every(2, lost_acknowledgement(cluster), times=8)
    shop.place(an_order(lines=[{"sku": "CUP", "quantity": 1}]), key="another", customer="another")
    shop.cloud.settle()
    assert_nothing_lost(shop, cluster)
    assert duplicates(cluster.log) > 0


def a_record(entry: dict[str, Any]) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return a partner's event in binary mode."""
    document = json.loads(entry["Detail"])
    data = json.dumps(document.pop("data")).encode()
    return data, [(f"ce_{name}", str(value).encode()) for name, value in document.items()]


def send(shop: Shop, entry: dict[str, Any], **changes: bytes) -> None:
    value, headers = a_record(entry)
    changed = {**dict(headers), **{f"ce_{name}": text for name, text in changes.items()}}
    shop.cloud.kafka.put("deliveries", value, key=b"TEAPOT", headers=list(changed.items()))


def test_delivery_from_kafka_changes_the_stock_once(shop: Shop, cluster: KafkaCluster) -> None:
    del cluster
    for _ in range(3):
        send(shop, delivery_entry("delivery-1", TEAPOT=7))
    send(shop, delivery_entry("delivery-2", TEAPOT=1))
    shop.cloud.settle()
    assert shop.available()["TEAPOT"] == 5 + 7 + 1
    assert undelivered(shop) == []
    assert not shop.cloud.access.denials


def test_poison_and_our_own_facts_stop_nothing_behind_them(shop: Shop, cluster: KafkaCluster) -> None:
    del cluster
    shop.cloud.kafka.put("deliveries", b"\xff", key=b"TEAPOT", headers=[("x", None)])
    shop.cloud.kafka.put("deliveries", None, key=b"TEAPOT")
    send(shop, delivery_entry("delivery-1", TEAPOT=7), source=b"inventory")
    send(shop, delivery_entry("delivery-2", TEAPOT=7), type=b"StockEaten")
    send(shop, delivery_entry("delivery-3", TEAPOT=2))
    shop.cloud.settle()
    assert shop.available()["TEAPOT"] == 5 + 2
    code, out, _ = orderbus("dlq", "ls", "--json", "--consumer", "kafka-inbound")
    assert code == 0
    reasons = sorted(group["reason"] for group in json.loads(out)["groups"])
    assert reasons == ["data_missing", "fact_unknown", "not_a_cloudevent", "source_unauthorised"]


def test_rejected_event_is_redriven_to_the_ingress_bus(shop: Shop, cluster: KafkaCluster) -> None:
    del cluster
    body = delivery_entry("delivery-1", TEAPOT=3)["Detail"]
    attributes = {"reason": "put_events_refused", "error_class": "Rejected", "consumer": "kafka-inbound"}
    dead_letter(shop, "kafka-inbound-dlq", body, **attributes)
    code, out, refused = orderbus("dlq", "redrive", "--consumer", "kafka-inbound", "--yes")
    assert code == 0, out + refused
    shop.cloud.settle()
    assert shop.available()["TEAPOT"] == 5 + 3


def test_record_comes_again_until_the_ingress_bus_takes_it(shop: Shop, cluster: KafkaCluster) -> None:
    del cluster
    refused: list[AwsCall] = []

    def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function != "orderbus-dev-kafka-inbound" or call.operation != "PutEvents" or len(refused) > 4:
            return proceed()
        refused.append(call)
        count = len(call.parameters["Entries"])
        return {"FailedEntryCount": count, "Entries": [{"ErrorCode": "InternalFailure"}] * count}

    with call_fault(shop.cloud, refuse):
        send(shop, delivery_entry("delivery-1", TEAPOT=7))
        shop.cloud.settle()
    assert len(refused) == 5
    assert shop.available()["TEAPOT"] == 5 + 7
    assert undelivered(shop) == []


def refusing(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """Let the ingress bus take nothing of the bridge."""
    if call.function != "orderbus-dev-kafka-inbound" or call.operation != "PutEvents":
        return proceed()
    count = len(call.parameters["Entries"])
    return {"FailedEntryCount": count, "Entries": [{"ErrorCode": "InternalFailure"}] * count}


def test_dlq_names_the_records_that_lambda_discarded(shop: Shop, cluster: KafkaCluster) -> None:
    del cluster
    with call_fault(shop.cloud, refusing):
        for number in range(2):
            send(shop, delivery_entry(f"delivery-{number}", TEAPOT=7))
        shop.cloud.advance(hours=13)
    (group,) = json.loads(orderbus("dlq", "ls", "--json", "--consumer", "kafka-inbound")[1])["groups"]
    assert (group["format"], group["reason"], group["fact"]) == ("stream", "RecordAgeExceeded", "-")
    shown = json.loads(orderbus("dlq", "show", group["messages"][0], "--json")[1])
    assert re.fullmatch(r"deliveries-\d:\d-\d", shown["records"])
    assert shown["records"] in shown["goes_back_to"]
    code, out, _ = orderbus("dlq", "redrive", "--consumer", "kafka-inbound", "--yes", "--json")
    assert (code, json.loads(out)["done"]) == (ExitCode.INCOMPLETE, [])
    assert "docs/neighbours/kafka.md#records-that-lambda-discarded" in json.loads(out)["left"][0]["why"]
