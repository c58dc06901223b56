"""The stock of a hot SKU is in several rows, and all of it can be sold."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis_profile import examples
from moto import mock_aws

from functions.contracts.inventory import InventoryRejected
from functions.contracts.values import Line, PricedLine, StockLine
from functions.inventory import shards
from functions.inventory.handler import handle
from functions.inventory.shards import MAXIMUM_ROWS, MAXIMUM_SHARDS, Move
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions import account
from tests.unit.functions.account import available_stock, facts, names_of_facts, put, rows, stock
from tests.unit.functions.aws_faults import amending, failing, recorded_calls
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    Context,
    a_batch,
    a_delivery,
    a_stock_replenished,
    an_order_cancelled,
    an_order_created,
    retried,
)

HOT = {"HOT": 4}
SHARDS = st.dictionaries(
    st.sampled_from(shards.rows_of("HOT")), st.integers(min_value=0, max_value=60), max_size=MAXIMUM_SHARDS
)


def order_id(number: int) -> str:
    return f"{number:08x}-5f43-5a0c-9a38-3d6f0a9d2c11"


def wanting(quantity: int, *, number: int = 1, sku: str = "HOT") -> str:
    line = PricedLine(sku=sku, quantity=quantity, unit_price=1)
    return a_delivery(an_order_created(order_id=order_id(number), lines=(line,)))


def cancelling(number: int) -> str:
    return a_delivery(an_order_cancelled(order_id=order_id(number)))


def arriving(quantity: int, *, name: str, sku: str = "HOT") -> str:
    lines = (StockLine(sku=sku, quantity=quantity),)
    return a_delivery(a_stock_replenished(replenishment_id=name, lines=lines))


def deliver(*bodies: str) -> object:
    return handle(a_batch(*bodies), Context())


def lay(*available: int, sku: str = "HOT") -> None:
    """Set the stock of each of the SKU's rows."""
    for shard, quantity in enumerate(available):
        put("STOCK_TABLE", sku={"S": shards.row_of(sku, shard)}, available={"N": str(quantity)})


# The arithmetic of shards, without AWS.


@given(quantity=st.integers(1, 99), available=SHARDS)
def test_shards_supply_the_quantity_within_their_stock(quantity: int, available: dict[str, int]) -> None:
    moves = shards.gathered(Line(sku="HOT", quantity=quantity), available)
    if moves is None:
        assert sum(available.values()) < quantity
    else:
        assert sum(move.quantity for move in moves) == quantity
        assert all(0 < move.quantity <= available[move.row] for move in moves)
        assert len({move.row for move in moves}) == len(moves)


@given(quantity=st.integers(1, 99), available=SHARDS)
def test_one_row_is_enough_where_one_has_enough(quantity: int, available: dict[str, int]) -> None:
    if max(available.values(), default=0) >= quantity:
        assert len(shards.gathered(Line(sku="HOT", quantity=quantity), available) or ()) == 1


@given(
    quantities=st.lists(st.integers(1, 1_000_000), min_size=1, max_size=99),
    hot=st.dictionaries(st.integers(0, 98), st.integers(1, MAXIMUM_SHARDS)),
)
def test_replenishment_is_spread_within_one_transaction(quantities: list[int], hot: dict[int, int]) -> None:
    lines = [StockLine(sku=f"A-{number}", quantity=each) for number, each in enumerate(quantities)]
    moves = shards.spread(lines, {f"A-{number}": count for number, count in hot.items()})
    added = Counter[str]()
    for move in moves:
        assert shards.sku_of(move.row) == move.sku
        added[move.sku] += move.quantity
    assert added == {line.sku: line.quantity for line in lines}
    assert len({move.row for move in moves}) == len(moves) <= MAXIMUM_ROWS
    assert {line.sku for line in lines} <= {move.row for move in moves}, "the first row counts deliveries"


def test_replenishment_is_spread_evenly_over_all_shards() -> None:
    (line,) = (StockLine(sku="HOT", quantity=10),)
    assert [(move.row, move.quantity) for move in shards.spread([line], HOT)] == [
        ("HOT", 3),
        ("HOT#1", 3),
        ("HOT#2", 2),
        ("HOT#3", 2),
    ]


def test_orders_use_all_shards_of_a_hot_sku() -> None:
    line = Line(sku="HOT", quantity=1)
    homes = Counter(shards.home_row(line, order_id(number), HOT).row for number in range(400))
    assert homes.keys() == {"HOT", "HOT#1", "HOT#2", "HOT#3"}
    assert min(homes.values()) > 60
    assert shards.home_row(Line(sku="CUP", quantity=1), ORDER, HOT) == Move("CUP", "CUP", 1)


# The same on a table.


@pytest.mark.usefixtures("aws")
def test_order_makes_one_request_when_its_shard_suffices() -> None:
    lay(5, 5, 5, 5)
    with recorded_calls(dynamodb()) as operations:
        assert deliver(wanting(2)) == NO_FAILURES
    assert operations == ["TransactWriteItems"]
    assert sorted(available_stock().values()) == [3, 5, 5, 5]


@pytest.mark.usefixtures("aws")
def test_order_uses_several_shards_when_none_suffices() -> None:
    lay(2, 1, 0, 3)
    assert deliver(wanting(6)) == NO_FAILURES
    assert set(available_stock().values()) == {0}
    assert names_of_facts() == ["InventoryReserved"]


@pytest.mark.usefixtures("aws")
def test_order_is_rejected_when_all_shards_are_short() -> None:
    lay(2, 1, 0, 3)
    assert deliver(wanting(7)) == NO_FAILURES
    assert facts() == [InventoryRejected(order_id=order_id(1), reason="out_of_stock", skus=("HOT",))]
    assert sum(available_stock().values()) == 6


@pytest.mark.usefixtures("aws")
def test_order_of_hot_and_other_skus_is_atomic() -> None:
    lay(0, 0, 0, 9)
    stock(CUP=1)
    lines = (PricedLine(sku="HOT", quantity=9, unit_price=1), PricedLine(sku="CUP", quantity=2, unit_price=1))
    assert deliver(a_delivery(an_order_created(lines=lines))) == NO_FAILURES
    assert facts() == [InventoryRejected(order_id=ORDER, reason="out_of_stock", skus=("CUP",))]
    assert available_stock() == {"HOT": 0, "HOT#1": 0, "HOT#2": 0, "HOT#3": 9, "CUP": 1}


@pytest.mark.usefixtures("aws")
def test_former_hot_sku_is_found_in_all_shards() -> None:
    lay(0, 0, 4, sku="COOLED")
    assert deliver(wanting(3, sku="COOLED")) == NO_FAILURES
    assert deliver(cancelling(1)) == NO_FAILURES
    assert available_stock() == {"COOLED": 3, "COOLED#1": 0, "COOLED#2": 1}


@pytest.mark.usefixtures("aws")
def test_overtaken_order_reads_again_and_reserves_released_stock() -> None:
    lay(0, 0, 0, 5)

    def somebody_takes_it_and_gives_it_back_elsewhere(_: object) -> None:
        lay(5, 0, 0, 0)

    with amending(dynamodb(), "GetItem", somebody_takes_it_and_gives_it_back_elsewhere):
        assert deliver(wanting(5)) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"]
    assert sum(available_stock().values()) == 0


@pytest.mark.usefixtures("aws")
def test_order_is_retried_when_overtaken_every_time() -> None:
    lay(0, 0, 0, 0)

    def seen(response: dict[str, object]) -> None:
        response["Responses"] = [{"Item": {"sku": {"S": "HOT#2"}, "available": {"N": "5"}}}]

    with amending(dynamodb(), "TransactGetItems", seen):
        assert deliver(wanting(5)) == retried("message-0")
    assert names_of_facts() == []
    lay(0, 0, 5, 0)
    assert deliver(wanting(5)) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"]


@pytest.mark.usefixtures("aws")
def test_contended_order_reserves_or_retries_but_never_rejects() -> None:
    lay(0, 0, 0, 5)
    with failing(dynamodb(), "TransactGetItems", "TransactionCanceledException", ["TransactionConflict"]):
        assert deliver(wanting(5)) == NO_FAILURES
        assert deliver(wanting(1, number=2)) == retried("message-0")
    assert names_of_facts() == ["InventoryReserved"]


@pytest.mark.usefixtures("aws")
def test_unused_shard_accepts_released_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    stock(HOT=50)
    monkeypatch.setenv("HOT_SKUS", "{}")
    assert deliver(*(wanting(1, number=number) for number in range(10))) == NO_FAILURES
    monkeypatch.setenv("HOT_SKUS", '{"HOT": 10}')
    assert deliver(*(cancelling(number) for number in range(10))) == NO_FAILURES
    assert sum(available_stock().values()) == 50
    assert len(rows("STOCK_TABLE")) > 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(0, 7), st.integers(1, 9)),
        st.tuples(st.just("cancel"), st.integers(0, 7), st.just(0)),
        st.tuples(st.just("restock"), st.integers(0, 3), st.integers(1, 12)),
        st.tuples(st.just("shards"), st.just(0), st.integers(1, MAXIMUM_SHARDS)),
    ),
    max_size=25,
)


@pytest.mark.exhaustive
@settings(max_examples=examples(15))
@given(steps=STEPS)
def test_stock_is_conserved_in_any_interleaving(
    steps: list[tuple[str, int, int]],
) -> None:
    with mock_aws(), pytest.MonkeyPatch.context() as patched:
        account.deploy()
        lay(6, 0, 6)
        reserved: dict[int, int] = {}
        quantities: dict[int, int] = {}
        arrived: dict[int, int] = {}
        ended: set[int] = set()
        for kind, which, quantity in steps:
            free = 12 + sum(arrived.values()) - sum(reserved.values())
            if kind == "order":
                wanted = quantities.setdefault(which, quantity)
                assert deliver(wanting(wanted, number=which)) == NO_FAILURES
                if which not in ended:
                    ended.add(which)
                    if wanted <= free:
                        reserved[which] = wanted
            elif kind == "cancel":
                assert deliver(cancelling(which)) == NO_FAILURES
                ended.add(which)
                reserved.pop(which, None)
            elif kind == "restock":
                amount = arrived.setdefault(which, quantity)
                assert deliver(arriving(amount, name=f"delivery-{which}")) == NO_FAILURES
            else:
                patched.setenv("HOT_SKUS", f'{{"HOT": {quantity}}}')
            stock = available_stock()
            assert min(stock.values()) >= 0
            assert sum(stock.values()) == 12 + sum(arrived.values()) - sum(reserved.values())
