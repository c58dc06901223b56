"""A reservation from more rows than one transaction can change is consolidated first."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contracts.inventory import InventoryRejected
from functions.contracts.values import PricedLine
from functions.inventory import shards
from functions.inventory.handler import handle
from functions.inventory.shards import MAXIMUM_ROWS, Move
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import available_stock, dead_lettered, facts, names_of_facts, put, stock
from tests.unit.functions.aws_faults import (
    Crash,
    Dying,
    a_crash_publishes_no_metrics,
    dying_after,
    dying_before,
    in_conflict,
    meanwhile,
    recorded_calls,
)
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    Context,
    a_batch,
    a_delivery,
    an_order_cancelled,
    an_order_created,
    retried,
)

pytestmark = pytest.mark.exhaustive

ROWS_BY_LINE = st.lists(st.integers(min_value=1, max_value=10), min_size=1, max_size=99)


def lay_hot(monkeypatch: pytest.MonkeyPatch, skus: int, rows: int) -> list[str]:
    """Make so many SKUs hot, with one unit in each of so many rows; return the SKUs."""
    names = [f"HOT-{number}" for number in range(skus)]
    monkeypatch.setenv("HOT_SKUS", json.dumps(dict.fromkeys(names, rows)))
    for sku in names:
        for shard in range(rows):
            put("STOCK_TABLE", sku={"S": shards.row_of(sku, shard)}, available={"N": "1"})
    return names


def ordering(quantities: dict[str, int]) -> str:
    lines = tuple(PricedLine(sku=sku, quantity=each, unit_price=1) for sku, each in quantities.items())
    return a_delivery(an_order_created(lines=lines))


def deliver(*bodies: str) -> object:
    return handle(a_batch(*bodies), Context())


@given(rows_by_line=ROWS_BY_LINE)
def test_consolidation_fits_and_moves_no_line_too_many(rows_by_line: list[int]) -> None:
    chosen = [
        tuple(Move(shards.row_of(f"A-{line}", shard), f"A-{line}", 1) for shard in range(rows))
        for line, rows in enumerate(rows_by_line)
    ]
    consolidated = shards.to_consolidate(chosen)
    saved = [len(moves) - 1 for moves in consolidated]
    total = sum(rows_by_line)
    assert total - sum(saved) <= MAXIMUM_ROWS
    assert not saved or total - sum(saved[:-1]) > MAXIMUM_ROWS
    assert {shards.merged(moves).quantity for moves in consolidated} <= set(range(2, 11))


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("skus", "rows"), [(10, 10), (34, 3), (40, 10)])
def test_scattered_stock_is_reserved_at_the_first_delivery(
    monkeypatch: pytest.MonkeyPatch, skus: int, rows: int
) -> None:
    names = lay_hot(monkeypatch, skus, rows)
    assert deliver(ordering(dict.fromkeys(names, rows))) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"]
    assert set(available_stock().values()) == {0}


@pytest.mark.usefixtures("aws")
def test_one_hot_line_of_99_is_reserved_and_released(monkeypatch: pytest.MonkeyPatch) -> None:
    (hot,) = lay_hot(monkeypatch, 1, 4)
    others = {f"A-{number}": 1 for number in range(98)}
    stock(**others)
    with recorded_calls(dynamodb()) as made:
        assert deliver(ordering({hot: 2} | others)) == NO_FAILURES
    assert made.count("TransactWriteItems") == 3
    assert sum(available_stock().values()) == 2
    assert deliver(a_delivery(an_order_cancelled())) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved", "InventoryReleased"]
    assert sum(available_stock().values()) == 102


@pytest.mark.usefixtures("aws")
def test_99_rows_are_reserved_without_consolidation(monkeypatch: pytest.MonkeyPatch) -> None:
    names = lay_hot(monkeypatch, 33, 3)
    with recorded_calls(dynamodb()) as made:
        assert deliver(ordering(dict.fromkeys(names, 3))) == NO_FAILURES
    assert made.count("TransactWriteItems") == 2


@pytest.mark.usefixtures("aws")
def test_order_moves_no_stock_when_short(monkeypatch: pytest.MonkeyPatch) -> None:
    names = lay_hot(monkeypatch, 11, 10)
    before = available_stock()
    assert deliver(ordering({**dict.fromkeys(names, 10), "HOT-4": 11})) == NO_FAILURES
    assert facts() == [InventoryRejected(order_id=ORDER, reason="out_of_stock", skus=("HOT-4",))]
    assert available_stock() == before


@a_crash_publishes_no_metrics
@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("dying", [dying_before, dying_after])
@pytest.mark.parametrize("last_call", range(2))
def test_stock_is_kept_after_crash_while_consolidating(
    monkeypatch: pytest.MonkeyPatch, dying: Dying, last_call: int
) -> None:
    names = lay_hot(monkeypatch, 11, 10)
    created = ordering(dict.fromkeys(names, 10))
    looks = 1 + 11 * 10
    with pytest.raises(Crash), dying(dynamodb(), nth=looks + last_call):
        deliver(created)
    assert sum(available_stock().values()) == 110
    assert names_of_facts() == []
    assert deliver(created, created) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"]
    assert set(available_stock().values()) == {0}


@pytest.mark.usefixtures("aws")
def test_overtaken_consolidation_reads_again(monkeypatch: pytest.MonkeyPatch) -> None:
    names = lay_hot(monkeypatch, 11, 10)

    def others_sell_and_return_stock() -> None:
        put("STOCK_TABLE", sku={"S": shards.row_of("HOT-0", 9)}, available={"N": "0"})
        put("STOCK_TABLE", sku={"S": "HOT-0"}, available={"N": "2"})

    with before_the_first_move(others_sell_and_return_stock):
        assert deliver(ordering(dict.fromkeys(names, 10))) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"]
    assert set(available_stock().values()) == {0}


@pytest.mark.usefixtures("aws")
def test_stock_sold_while_consolidating_rejects_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    names = lay_hot(monkeypatch, 11, 10)

    def others_buy_one() -> None:
        put("STOCK_TABLE", sku={"S": shards.row_of("HOT-0", 9)}, available={"N": "0"})

    with before_the_first_move(others_buy_one):
        assert deliver(ordering(dict.fromkeys(names, 10))) == NO_FAILURES
    assert facts() == [InventoryRejected(order_id=ORDER, reason="out_of_stock", skus=("HOT-0",))]
    assert sum(available_stock().values()) == 109


@pytest.mark.usefixtures("aws")
def test_consolidation_is_retried_when_row_is_contended(monkeypatch: pytest.MonkeyPatch) -> None:
    names = lay_hot(monkeypatch, 11, 10)
    created = ordering(dict.fromkeys(names, 10))
    with ExitStack() as stack:

        def rows_get_busy() -> None:
            stack.enter_context(in_conflict(dynamodb(), times=4))

        stack.enter_context(before_the_first_move(rows_get_busy))
        assert deliver(created) == retried("message-0")
    assert names_of_facts() == []
    assert sum(available_stock().values()) == 110
    assert deliver(created) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"]
    assert dead_lettered() == []


@contextmanager
def before_the_first_move(act: Callable[[], None]) -> Iterator[None]:
    """Do this after the order's first look at the rows and before the first transaction that follows."""
    with ExitStack() as stack:

        def wait_for_the_move() -> None:
            stack.enter_context(meanwhile(dynamodb(), "TransactWriteItems", act))

        stack.enter_context(meanwhile(dynamodb(), "GetItem", wait_for_the_move))
        yield
