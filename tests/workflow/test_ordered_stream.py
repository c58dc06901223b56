"""The ordered stream of a stage that has one: every event, each order's in order, through failures."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from cli.cost.counting.count import count_path
from infrastructure.names import Names
from pocketcloud import AwsCall, OfflineCloud
from tests.assemblies import dev_with_stream
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.command_line import orderbus
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.streamed import read_stream

STREAM = f"{PREFIX}-events"
THROTTLED = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "no"}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev` with a stream of two shards."""
    with OfflineCloud.start(assembly=dev_with_stream(tmp_path_factory)) as cloud:
        yield cloud


def events_by_order(cloud: OfflineCloud) -> dict[str, list[str]]:
    """Return the types of each order's events in the order of their first appearance."""
    found: dict[str, dict[str, str]] = {}
    for document in read_stream(cloud):
        found.setdefault(document["subject"], {}).setdefault(document["id"], document["type"])
    return {subject: list(types.values()) for subject, types in found.items()}


def logged_by_order(shop: Shop) -> dict[str, list[str]]:
    return {order["order_id"]: shop.facts(order["order_id"]) for order in shop.orders()}


def place_orders(shop: Shop, count: int = 5) -> None:
    for number in range(count):
        body = an_order(lines=[{"sku": "CUP", "quantity": 1}])
        shop.place(body, key=f"key-{number}", customer=f"customer-{number}")
    shop.cloud.settle()


def rejecting(share: int) -> Any:
    """Return a fault that rejects every n-th record of a request, until twenty were rejected."""
    rejected = 0

    def fault(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        nonlocal rejected
        if call.operation != "PutRecords" or rejected >= 20:
            return proceed()
        records = call.parameters["Records"]
        chosen = {place for place in range(len(records)) if (place + rejected) % share == 0}
        rejected += len(chosen)
        kept = [record for place, record in enumerate(records) if place not in chosen]
        call.parameters["Records"][:] = kept
        results = iter(proceed()["Records"] if kept else [])
        return {"Records": [THROTTLED if n in chosen else next(results) for n in range(len(records))]}

    return fault


def test_stream_has_each_orders_events_in_order(shop: Shop) -> None:
    place_orders(shop)
    streamed = events_by_order(shop.cloud)
    assert {order: streamed[order] for order in logged_by_order(shop)} == logged_by_order(shop)
    assert len(logged_by_order(shop)) == 5
    assert not shop.cloud.undelivered


def test_stream_keeps_order_when_records_are_rejected(shop: Shop) -> None:
    with call_fault(shop.cloud, rejecting(share=2)):
        place_orders(shop)
    streamed = events_by_order(shop.cloud)
    assert {order: streamed[order] for order in logged_by_order(shop)} == logged_by_order(shop)
    assert not shop.cloud.undelivered


def test_stream_and_its_function_need_no_more_permissions(shop: Shop) -> None:
    place_orders(shop, 1)
    assert not shop.cloud.access.denials


def test_records_are_dead_lettered_after_a_day_without_stream(shop: Shop) -> None:
    shop.cloud.outages.add(f"stream/{STREAM}")
    shop.cloud.retry_after = timedelta(minutes=30)
    place_orders(shop, 1)
    shop.cloud.outages.clear()
    code, printed, refused = orderbus("dlq", "redrive", "--consumer", "stream", "--yes")
    assert (code, "docs/stream.md#after-an-outage" in printed + refused) == (8, True)
    messages = [json.loads(message["Body"]) for message in shop.dead_letters("stream")]
    assert messages
    assert all("DDBStreamBatchInfo" in each for each in messages)
    assert logged_by_order(shop)


def test_stream_commands_show_shards_and_records(shop: Shop) -> None:
    place_orders(shop, 2)
    code, listed, _ = orderbus("stream", "ls", "--json")
    assert code == 0
    assert [shard["state"] for shard in json.loads(listed)["shards"]] == ["open", "open"]
    shop.cloud.advance(seconds=2)
    code, read, _ = orderbus("stream", "read", "--json")
    records = [json.loads(line) for line in read.splitlines()]
    assert code == 0
    assert {record["key"] for record in records} == set(logged_by_order(shop))
    assert all("data" not in record["event"] for record in records)
    shop.cloud.advance(seconds=2)
    chosen = records[-1]
    arguments = ("--from", chosen["sequence"], "--shard", chosen["shard"])
    _, again, _ = orderbus("stream", "read", *arguments, "--json")
    assert json.loads(again.splitlines()[0])["sequence"] == chosen["sequence"]


def test_fill_puts_only_what_the_stream_lacks(shop: Shop) -> None:
    place_orders(shop, 2)
    shop.cloud.outages.add(f"stream/{STREAM}")
    shop.cloud.retry_after = timedelta(minutes=30)
    shop.place(an_order(), key="lost", customer="another")
    shop.cloud.settle()
    shop.cloud.outages.clear()
    shop.cloud.advance(minutes=2)
    code, found, _ = orderbus("stream", "fill", "--since", "2d", "--yes", "--json")
    report = json.loads(found)
    assert (code, report["put"]) == (0, report["missing"])
    assert 0 < report["missing"] < report["facts"]
    shop.cloud.advance(seconds=2)
    streamed = events_by_order(shop.cloud)
    assert {order: streamed[order] for order in logged_by_order(shop)} == logged_by_order(shop)
    ids = [document["id"] for document in read_stream_again(shop)]
    assert len(ids) == len(set(ids))


def read_stream_again(shop: Shop) -> list[dict[str, Any]]:
    """Read the stream when its shards can be read again."""
    shop.cloud.advance(seconds=2)
    return read_stream(shop.cloud)


def test_counted_order_has_its_events_on_the_stream(deployed: OfflineCloud) -> None:
    counted = count_path(deployed, Names("dev"), "shipped")
    assert counted.stream_payload_units == counted.events == 5
    assert counted.stream_kibibytes >= counted.stream_payload_units
    assert counted.functions["stream"].calls == {"kinesis.PutRecords": counted.events}
    assert counted.functions["analytics"].messages == counted.events
