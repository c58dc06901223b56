"""A replay that follows, begins at a record, crashes, or runs beside another one: every event once."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.analytics.items import Items
from functions.analytics.store import FigureTable
from pocketcloud import Crash, OfflineCloud
from tests.assemblies import dev_with_stream
from tests.workflow.command_line import orderbus
from tests.workflow.shop import Shop
from tests.workflow.streamed import STREAM
from tests.workflow.test_analytics import (
    Minutes,
    damaged,
    in_virtual_time,
    place_orders,
    put_again,
    recomputed,
    shown_figures,
)

FOLLOW_SECONDS = 5
INCOMPLETE = 8
USAGE = 2
BUILDS, SWAPS = "ConditionCheck", ":starts"
"""Parts that only a replay's transactions have."""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev` with a stream of two shards."""
    with OfflineCloud.start(assembly=dev_with_stream(tmp_path_factory)) as cloud:
        yield cloud


def built(shop: Shop, view: str = "v2") -> Minutes:
    """Return the figures of every minute in the rows of a view, shown or not."""
    rows = [row for row in shop.rows("analytics") if row["scope"].startswith(f"{view}#2")]
    kept = [{name: value for name, value in row.items() if name not in {"scope", "restated"}} for row in rows]
    return {row.pop("position"): Counter({name: int(value) for name, value in row.items()}) for row in kept}


def while_following(shop: Shop, patched: pytest.MonkeyPatch, *steps: Callable[[], object]) -> None:
    """Take one step whenever the command waits for more records, and press Ctrl-C after the last."""
    left = iter(steps)

    def sleep(seconds: float) -> None:
        shop.cloud.advance(seconds=seconds)
        if seconds == FOLLOW_SECONDS:
            step = next(left, None)
            if step is None:
                raise KeyboardInterrupt
            step()

    patched.setattr("cli.stream.commands.sleep", sleep)


def reshard(shop: Shop, count: int) -> Callable[[], object]:
    client = shop.cloud.client("kinesis")
    return lambda: client.update_shard_count(
        StreamName=STREAM, TargetShardCount=count, ScalingType="UNIFORM_SCALING"
    )


def replay(*arguments: str) -> tuple[int, Any]:
    code, printed, _ = orderbus("stream", "replay", "v2", *arguments, "--json")
    return code, json.loads(printed) if code == 0 else None


def swap(shop: Shop) -> None:
    code, report = replay("--swap")
    assert (code, report["shown"]) == (0, True)
    place_orders(shop, 3, "after")
    truth = sum(recomputed(shop).values(), Counter())
    orders, events = shown_figures(shop)
    assert orders == truth["orders"]
    assert events == {name[6:]: count for name, count in truth.items() if name.startswith("event.")}


def test_follow_counts_what_arrives_and_shows_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    place_orders(shop, 2, "before")
    while_following(
        shop,
        monkeypatch,
        lambda: place_orders(shop, 2, "first"),
        lambda: put_again(shop),
        reshard(shop, 4),
        lambda: place_orders(shop, 2, "split"),
        lambda: put_again(shop),
        reshard(shop, 2),
        lambda: place_orders(shop, 2, "merged"),
        lambda: shop.cloud.advance(minutes=1),
    )
    code, report = replay("--follow")
    assert (code, report["shown"]) == (0, False)
    assert built(shop) == recomputed(shop)
    wrong = damaged(shop)
    in_virtual_time(shop, monkeypatch)
    assert shown_figures(shop)[0] > sum(wrong.values(), Counter())["orders"]
    swap(shop)


def test_follow_stops_when_another_replay_shows_the_view(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    place_orders(shop, 2, "before")

    def shown_elsewhere() -> None:
        with monkeypatch.context() as patched:
            in_virtual_time(shop, patched)
            assert replay("--swap")[0] == 0

    while_following(
        shop,
        monkeypatch,
        shown_elsewhere,
        lambda: place_orders(shop, 3, "after"),
        lambda: place_orders(shop, 3, "later"),
    )
    code, _ = replay("--follow")
    place_orders(shop, 3, "last")
    assert built(shop) == recomputed(shop)
    assert code == INCOMPLETE


def test_replay_begins_at_a_sequence_number(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    in_virtual_time(shop, monkeypatch)
    place_orders(shop, 3, "early")
    shop.cloud.advance(minutes=10)
    place_orders(shop, 3, "late")
    _, printed, _ = orderbus("stream", "read", "--json")
    records = [json.loads(line) for line in printed.splitlines()]
    chosen = next(each for each in records if each["arrived_at"][:16] == max(recomputed(shop))[:16])
    shop.cloud.advance(seconds=2)
    code, report = replay("--from", chosen["sequence"], "--shard", chosen["shard"], "--swap")
    assert (code, report["shown"]) == (0, True)
    assert report["since"] > chosen["arrived_at"][:16]
    assert built(shop) == {m: each for m, each in recomputed(shop).items() if m >= report["since"]}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--from", "4" * 56), "Add --shard"),
        (("--from", "10m", "--shard", "shardId-000000000000"), "--shard belongs to a sequence number"),
        (("--follow", "--swap"), "--swap"),
    ],
)
def test_replay_is_refused_when_its_start_is_ambiguous(
    shop: Shop, arguments: tuple[str, ...], reason: str
) -> None:
    code, _, refused = orderbus("stream", "replay", "v2", *arguments)
    assert (code, reason in refused) == (USAGE, True)
    assert built(shop) == {}


def test_replay_is_refused_when_the_shard_lacks_the_record(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_virtual_time(shop, monkeypatch)
    place_orders(shop, 3)
    _, printed, _ = orderbus("stream", "read", "--json")
    last = [json.loads(line) for line in printed.splitlines()][-1]
    shop.cloud.advance(seconds=2)
    behind = str(int(last["sequence"]) + 2**20)
    assert replay("--from", behind, "--shard", last["shard"])[0] != 0
    assert built(shop) == {}


@pytest.mark.parametrize("is_lost", [False, True], ids=["before it is committed", "after it is committed"])
@pytest.mark.parametrize("nth", [1, 2, 4])
def test_replay_continues_when_it_crashed_while_building(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, nth: int, is_lost: bool
) -> None:
    in_virtual_time(shop, monkeypatch)
    monkeypatch.setattr("cli.stream.replay_consumer.RECORDS_PER_TRANSACTION", 7)
    place_orders(shop, 6)
    put_again(shop)
    with monkeypatch.context() as patched:
        patched.setattr(FigureTable, "transact", crash_at(nth, BUILDS, is_lost=is_lost))
        with pytest.raises(Crash):
            replay("--swap")
    assert built(shop) != recomputed(shop)
    place_orders(shop, 2, "meanwhile")
    swap(shop)
    assert built(shop) == recomputed(shop)


def crash_at(nth: int, kind: str, *, is_lost: bool) -> Callable[[FigureTable, Items], None]:
    """Return a method that kills the command at its n-th transaction of a kind, or right after it."""
    commit, seen = FigureTable.transact, 0

    def transact(table: FigureTable, items: Items) -> None:
        nonlocal seen
        seen += kind in json.dumps(items, default=str)
        if seen < nth:
            return commit(table, items)
        if is_lost:
            commit(table, items)
        raise Crash

    return transact


def test_swap_is_known_when_its_response_was_lost(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    in_virtual_time(shop, monkeypatch)
    place_orders(shop, 3)
    with monkeypatch.context() as patched:
        patched.setattr(FigureTable, "transact", crash_at(1, SWAPS, is_lost=True))
        with pytest.raises(Crash):
            replay("--swap")
    code, _, refused = orderbus("stream", "replay", "v2", "--swap")
    assert (code, "is shown already" in refused) == (USAGE, True)
    place_orders(shop, 3, "after")
    assert built(shop) == recomputed(shop)


def test_view_is_not_rebuilt_after_it_was_shown(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    in_virtual_time(shop, monkeypatch)
    place_orders(shop, 2)
    assert replay("--swap")[0] == 0
    assert orderbus("stream", "replay", "v3", "--swap")[0] == 0
    place_orders(shop, 2, "after")
    code, _, refused = orderbus("stream", "replay", "v2", "--swap")
    assert (code, "was shown before" in refused) == (USAGE, True)
    assert orderbus("stream", "delete-view", "v2", "--yes")[0] == 0
    swap(shop)
    assert built(shop) == recomputed(shop)
