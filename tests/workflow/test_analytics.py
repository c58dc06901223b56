"""Live analytics: every figure equals one recomputed from the event log, through every failure."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from functions.analytics.figures import RESTATED, figures_of, minute_of
from functions.contracts.orders import OrderCreated
from functions.shared.contracts.codec import read
from pocketcloud import AwsCall, Crash, OfflineCloud
from tests.assemblies import dev_with_stream
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.command_line import orderbus
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.streamed import STREAM

FUNCTION = f"{PREFIX}-analytics"
Minutes = dict[str, Counter[str]]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev` with a stream of two shards."""
    with OfflineCloud.start(assembly=dev_with_stream(tmp_path_factory)) as cloud:
        yield cloud


def recomputed(shop: Shop) -> Minutes:
    """Return the figures of every minute, from the event log alone."""
    events = [read(row["event"]) for row in shop.rows("event-log")]
    created = {event.subject: event.time for event in events if isinstance(event.fact, OrderCreated)}
    minutes: Minutes = {}
    for event in events:
        figures = figures_of(event, created.get(event.subject))
        minutes.setdefault(minute_of(event.time), Counter()).update(figures)
    return minutes


def counted(shop: Shop) -> Minutes:
    """Return the figures of every minute that the function counted in the first view."""
    rows = [row for row in shop.rows("analytics") if row["scope"][0].isdigit()]
    kept = [{name: value for name, value in row.items() if name not in {"scope", RESTATED}} for row in rows]
    return {row.pop("position"): Counter({name: int(value) for name, value in row.items()}) for row in kept}


def place_orders(shop: Shop, count: int = 6, name: str = "key") -> None:
    """Place orders over some minutes; every third one is declined."""
    for number in range(count):
        method = "pm_card_chargeDeclined" if number % 3 == 2 else "pm_card_visa"
        body = an_order(lines=[{"sku": "CUP", "quantity": 1}], payment_method=method)
        shop.place(body, key=f"{name}-{number}", customer=f"customer-{number}")
        shop.cloud.advance(seconds=25)
    shop.cloud.settle()


def lost_responses(shop: Shop, every: int) -> Any:
    """Return a fault that kills the function after every n-th transaction that it has committed."""
    committed = 0

    def fault(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        nonlocal committed
        response = proceed()
        if call.function == FUNCTION and call.operation == "TransactWriteItems":
            committed += 1
            if committed % every == 0 and committed < 12:
                raise Crash
        return response

    return call_fault(shop.cloud, fault)


def put_again(shop: Shop) -> None:
    """Put the last records of each shard again, as a producer that got no response."""
    client = shop.cloud.client("kinesis")
    shop.cloud.advance(seconds=2)
    for shard in client.list_shards(StreamName=STREAM)["Shards"]:
        start = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        token = client.get_shard_iterator(StreamName=STREAM, **start)["ShardIterator"]
        for record in client.get_records(ShardIterator=token)["Records"][-20:]:
            client.put_record(StreamName=STREAM, PartitionKey=record["PartitionKey"], Data=record["Data"])
    shop.cloud.settle()


def test_figures_equal_those_of_the_event_log(shop: Shop) -> None:
    place_orders(shop)
    figures = counted(shop)
    assert figures == recomputed(shop)
    total = sum(figures.values(), Counter())
    assert (total["orders"], total["cancelled.payment_declined"]) == (6, 2)
    assert total["revenue.GBP"] == 6 * 650
    assert not shop.cloud.access.denials
    assert not [each for each in shop.cloud.undelivered if "analytics" in each.where]


def test_figures_are_exact_when_responses_are_lost(shop: Shop) -> None:
    with lost_responses(shop, every=2):
        place_orders(shop)
    shop.cloud.advance(minutes=5)
    assert counted(shop) == recomputed(shop)


def test_figures_are_exact_when_the_producer_repeats_itself(shop: Shop) -> None:
    place_orders(shop)
    put_again(shop)
    assert counted(shop) == recomputed(shop)


def test_figures_are_exact_when_shards_split_and_merge(shop: Shop) -> None:
    client = shop.cloud.client("kinesis")
    place_orders(shop, 3, "before")
    client.update_shard_count(StreamName=STREAM, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    put_again(shop)
    place_orders(shop, 3, "between")
    client.update_shard_count(StreamName=STREAM, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    put_again(shop)
    place_orders(shop, 3, "after")
    assert counted(shop) == recomputed(shop)


def test_figures_are_exact_behind_a_poisoned_record(shop: Shop) -> None:
    for data in (b"not json", b"\xff", json.dumps({"specversion": "1.0"}).encode()):
        shop.cloud.client("kinesis").put_record(StreamName=STREAM, PartitionKey="x", Data=data)
    place_orders(shop)
    assert counted(shop) == recomputed(shop)


def test_a_late_event_restates_its_minute(shop: Shop) -> None:
    place_orders(shop, 1)
    late = next(row["event"] for row in shop.rows("event-log"))
    document = {**json.loads(late), "id": "00000000-0000-4000-8000-000000000001"}
    document["time"] = "2025-12-31T23:00:00Z"
    subject = document["subject"]
    data = json.dumps(document).encode()
    shop.cloud.client("kinesis").put_record(StreamName=STREAM, PartitionKey=subject, Data=data)
    shop.cloud.settle()
    (row,) = [each for each in shop.rows("analytics") if each["position"] == "2025-12-31T23:00"]
    assert row[RESTATED] == "1"


def test_analytics_command_shows_what_is_counted(shop: Shop) -> None:
    place_orders(shop)
    shop.cloud.advance(minutes=1)
    code, printed, _ = orderbus("analytics", "--since", "1h", "--json")
    report = json.loads(printed)
    assert code == 0
    assert report["total"]["orders"] == 6
    assert report["total"]["cancelled"] == {"payment_declined": 2}
    assert report["complete_until"] is not None
    shop.cloud.advance(seconds=2)
    code, table, _ = orderbus("analytics", "--since", "1h")
    assert code == 0
    assert "Complete until" in table
    shop.cloud.advance(seconds=2)
    code, lag, _ = orderbus("stream", "lag", "--json")
    shown = [json.loads(line) for line in lag.splitlines()]
    assert code == 0
    assert {each["consumer"] for each in shown} == {"analytics"}
    assert {each["behind_seconds"] for each in shown} == {0.0}


def damaged(shop: Shop) -> Minutes:
    """Damage every row of figures, as a wrong rule would; return the figures as they were."""
    right = counted(shop)
    for minute in right:
        key = {"scope": {"S": minute[:13]}, "position": {"S": minute}}
        shop.cloud.client("dynamodb").update_item(
            TableName=FUNCTION,
            Key=key,
            UpdateExpression="ADD orders :wrong",
            ExpressionAttributeValues={":wrong": {"N": "100"}},
        )
    return right


def shown_figures(shop: Shop) -> tuple[int, dict[str, int]]:
    """Return the orders and events that the command shows."""
    shop.cloud.advance(seconds=2)
    code, printed, _ = orderbus("analytics", "--since", "3h", "--json")
    assert code == 0
    total = json.loads(printed)["total"]
    return total["orders"], total["events"]


def in_virtual_time(shop: Shop, patched: pytest.MonkeyPatch) -> None:
    patched.setattr("cli.stream.commands.sleep", lambda seconds: shop.cloud.advance(seconds=seconds))


def test_replay_corrects_damaged_figures_and_counts_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    in_virtual_time(shop, monkeypatch)
    place_orders(shop)
    put_again(shop)
    damaged(shop)
    wrong, _ = shown_figures(shop)
    code, built, _ = orderbus("stream", "replay", "v2", "--json")
    assert (code, json.loads(built)["shown"]) == (0, False)
    assert shown_figures(shop)[0] == wrong
    place_orders(shop, 3, "meanwhile")
    code, built, _ = orderbus("stream", "replay", "v2", "--swap", "--json")
    assert (code, json.loads(built)["shown"]) == (0, True)
    put_again(shop)
    place_orders(shop, 3, "after")
    truth = sum(recomputed(shop).values(), Counter())
    orders, events = shown_figures(shop)
    assert orders == truth["orders"] == 12
    assert events == {name[6:]: count for name, count in truth.items() if name.startswith("event.")}
    assert orderbus("stream", "replay", "v2", "--swap")[0] == 2
    code, deleted, _ = orderbus("stream", "delete-view", "first", "--yes", "--json")
    assert (code, json.loads(deleted)["rows"] > 0) == (0, True)
    assert shown_figures(shop) == (orders, events)


def test_replay_from_a_minute_keeps_the_minutes_before(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    in_virtual_time(shop, monkeypatch)
    place_orders(shop, 3, "early")
    shop.cloud.advance(minutes=10)
    place_orders(shop, 3, "late")
    damaged(shop)
    start = max(minute for minute, figures in counted(shop).items() if figures["orders"])
    arguments = ("stream", "replay", "v2", "--from", f"{start}Z", "--swap", "--json")
    with monkeypatch.context() as patched:
        patched.setattr("cli.stream.replay.swap_items", _crash)
        with pytest.raises(Crash):
            orderbus(*arguments)
    assert orderbus("stream", "replay", "v2", "--from", "2m", "--swap")[0] == 2
    code, built, _ = orderbus(*arguments)
    assert (code, json.loads(built)["records"]) == (0, 0)
    truth = recomputed(shop)
    kept = [minute for minute in truth if minute < start]
    assert shown_figures(shop)[0] == sum(figures["orders"] for figures in truth.values()) + 100 * len(kept)


def _crash(*_: object) -> None:
    raise Crash
