"""Inventory reserves all lines of an order or none, and releases them once."""

import pytest

from functions.contracts.inventory import InventoryRejected, InventoryReleased, InventoryReserved
from functions.contracts.values import Line, PricedLine
from functions.inventory.handler import handle
from tests.unit.functions.account import (
    available_stock,
    delete,
    facts,
    names_of_facts,
    stock,
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


def test_order_reserves_all_its_lines() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 2, "CUP": 6}
    assert facts() == [an_inventory_reserved()]


def test_stock_is_sold_completely_and_never_oversold() -> None:
    stock(TEAPOT=1, CUP=4)
    assert deliver(CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 0, "CUP": 0}


def test_rejection_names_every_sku_out_of_stock() -> None:
    stock(TEAPOT=0, CUP=3, SPOON=5)
    lines = tuple(
        PricedLine(sku=sku, quantity=4, unit_price=1) for sku in ("SPOON", "TEAPOT", "CUP", "NEVER")
    )
    assert deliver(a_delivery(an_order_created(lines=lines))) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 0, "CUP": 3, "SPOON": 5}
    assert facts() == [
        InventoryRejected(order_id=ORDER, reason="out_of_stock", skus=("TEAPOT", "CUP", "NEVER"))
    ]


def test_rejected_order_stays_rejected_after_a_replenishment() -> None:
    deliver(CREATED)
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}
    assert names_of_facts() == ["InventoryRejected"]


def test_last_unit_is_reserved_by_one_of_two_orders() -> None:
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


def test_cancelled_order_releases_all_its_stock() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED, CANCELLED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}
    lines = (Line(sku="TEAPOT", quantity=1), Line(sku="CUP", quantity=4))
    assert facts() == [an_inventory_reserved(), InventoryReleased(order_id=ORDER, lines=lines)]


def test_repeated_order_reserves_nothing_after_its_cancellation() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CREATED, CANCELLED, CREATED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}
    assert names_of_facts() == ["InventoryReserved", "InventoryReleased"]


def test_order_reserves_nothing_when_cancelled_before() -> None:
    stock(TEAPOT=3, CUP=10)
    assert deliver(CANCELLED, CREATED, CANCELLED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3, "CUP": 10}
    assert facts() == [InventoryRejected(order_id=ORDER, reason="order_cancelled", skus=())]


def test_rejection_reason_is_the_cancellation_when_it_came_first() -> None:
    assert deliver(CANCELLED, CREATED) == NO_FAILURES
    assert facts() == [InventoryRejected(order_id=ORDER, reason="order_cancelled", skus=())]


def test_cancelled_order_releases_nothing_when_rejected() -> None:
    stock(TEAPOT=0, CUP=10)
    assert deliver(CREATED, CANCELLED) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 0, "CUP": 10}
    assert names_of_facts() == ["InventoryRejected"]


def test_release_is_complete_or_fails_when_sku_is_missing() -> None:
    stock(TEAPOT=3, CUP=10)
    deliver(CREATED)
    delete("STOCK_TABLE", sku="TEAPOT")
    assert deliver(CANCELLED) == retried("message-0")
    assert available_stock() == {"CUP": 6}
    assert names_of_facts() == ["InventoryReserved"]
