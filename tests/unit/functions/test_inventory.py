"""Inventory sets articles aside for an order, all or nothing, and puts them back once."""

import pytest

from functions.contracts.inventory import InventoryRejected, InventoryReleased, InventoryReserved
from functions.contracts.values import Line, PricedLine
from functions.inventory.handler import handle
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import (
    available_stock,
    dead_lettered,
    delete,
    facts,
    names_of_facts,
    stock,
)
from tests.unit.functions.aws_faults import (
    Crash,
    Dying,
    a_crash_publishes_no_metrics,
    dying_after,
    dying_before,
    failing,
)
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    OTHER_ORDER,
    Context,
    a_batch,
    a_delivery,
    an_inventory_reserved,
    an_order_cancelled,
    an_order_created,
    retried,
)

pytestmark = pytest.mark.usefixtures("aws")

CREATED = a_delivery(an_order_created())
CANCELLED = a_delivery(an_order_cancelled())


def deliver(*bodies: str) -> object:
    return handle(a_batch(*bodies), Context())


def test_an_order_reserves_all_its_lines() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 2, "CUP": 6}
    assert facts() == [an_inventory_reserved()]


def test_an_order_that_comes_twice_reserves_once() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED, CREATED) == NO_FAILURES
    assert deliver(CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 2, "CUP": 6}
    assert names_of_facts() == ["InventoryReserved"]


def test_all_of_the_stock_can_be_sold_and_no_more() -> None:
    stock(TEAPOT=1, CUP=4)
    assert deliver(CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 0, "CUP": 0}


def test_an_order_short_of_several_articles_names_them_and_takes_nothing() -> None:
    stock(TEAPOT=0, CUP=3, SPOON=5)
    lines = tuple(
        PricedLine(sku=sku, quantity=4, unit_price=1) for sku in ("SPOON", "TEAPOT", "CUP", "NEVER")
    )
    assert deliver(a_delivery(an_order_created(lines=lines))) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 0, "CUP": 3, "SPOON": 5}
    assert facts() == [
        InventoryRejected(order_id=ORDER, reason="out_of_stock", skus=("TEAPOT", "CUP", "NEVER"))
    ]


def test_an_order_refused_stays_refused_when_the_shelf_is_filled_again() -> None:
    deliver(CREATED)
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}
    assert names_of_facts() == ["InventoryRejected"]


def test_of_two_orders_for_the_last_article_one_is_reserved_and_one_rejected() -> None:
    stock(TEAPOT=1)
    lines = (PricedLine(sku="TEAPOT", quantity=1, unit_price=2499),)
    first, second = an_order_created(lines=lines), an_order_created(order_id=OTHER_ORDER, lines=lines)
    assert deliver(a_delivery(first), a_delivery(second)) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 0}
    outcomes = {type(fact): fact for fact in facts()}
    assert outcomes.keys() == {InventoryReserved, InventoryRejected}
    assert outcomes[InventoryRejected] == InventoryRejected(
        order_id=OTHER_ORDER, reason="out_of_stock", skus=("TEAPOT",)
    )


def test_a_cancelled_order_gives_back_all_that_it_reserved() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED, CANCELLED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}
    lines = (Line(sku="TEAPOT", quantity=1), Line(sku="CUP", quantity=4))
    assert facts() == [an_inventory_reserved(), InventoryReleased(order_id=ORDER, lines=lines)]


def test_a_cancellation_that_comes_twice_gives_back_once() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED, CANCELLED, CANCELLED) == NO_FAILURES
    assert deliver(CANCELLED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}


def test_an_order_that_comes_again_after_its_cancellation_reserves_nothing() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED, CANCELLED, CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}
    assert names_of_facts() == ["InventoryReserved", "InventoryReleased"]


def test_a_cancellation_before_the_order_keeps_it_from_reserving() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CANCELLED, CREATED, CANCELLED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}
    assert facts() == [InventoryRejected(order_id=ORDER, reason="order_cancelled", skus=())]


def test_a_cancellation_before_an_order_that_is_short_anyway_is_the_reason_that_stands() -> None:
    assert deliver(CANCELLED, CREATED) == NO_FAILURES
    assert facts() == [InventoryRejected(order_id=ORDER, reason="order_cancelled", skus=())]


def test_a_cancelled_order_that_was_out_of_stock_gives_back_nothing() -> None:
    stock(TEAPOT=0, CUP=10)
    assert deliver(CREATED, CANCELLED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 0, "CUP": 10}
    assert names_of_facts() == ["InventoryRejected"]


def test_an_article_that_is_stocked_no_more_is_not_half_given_back() -> None:
    stock(TEAPOT=3, CUP=10)
    deliver(CREATED)
    delete("STOCK_TABLE", sku="TEAPOT")
    assert deliver(CANCELLED) == retried("message-0")
    assert available_stock() == {"CUP": 6}
    assert names_of_facts() == ["InventoryReserved"]


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("dying", [dying_before, dying_after])
def test_a_crash_around_the_commit_loses_and_doubles_nothing(dying: Dying) -> None:
    stock(TEAPOT=3, CUP=10)
    with pytest.raises(Crash), dying(dynamodb()):
        deliver(CREATED)
    assert deliver(CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 2, "CUP": 6}
    assert names_of_facts() == ["InventoryReserved"]


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("dying", [dying_before, dying_after])
@pytest.mark.parametrize("call", [0, 1], ids=["read", "commit"])
def test_a_crash_around_the_release_gives_back_once(call: int, dying: Dying) -> None:
    stock(TEAPOT=3, CUP=10)
    deliver(CREATED)
    with pytest.raises(Crash), dying(dynamodb(), nth=call):
        deliver(CANCELLED)
    assert deliver(CANCELLED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}


def test_a_busy_table_is_no_reason_to_reject_an_order() -> None:
    stock(TEAPOT=3, CUP=10)
    conflict = failing(
        dynamodb(),
        "TransactWriteItems",
        "TransactionCanceledException",
        ["None", "TransactionConflict", "None"],
    )
    with conflict:
        assert deliver(CREATED) == retried("message-0")
    assert deliver(CREATED) == NO_FAILURES
    assert names_of_facts() == ["InventoryReserved"]
    assert dead_lettered() == []
