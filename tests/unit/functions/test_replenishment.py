"""A delivery is added to the stock once, and its id never means other lines."""

import pytest

from functions.contracts.values import StockLine
from functions.inventory.handler import handle
from tests.unit.functions.account import (
    available_stock,
    dead_lettered,
    events,
    everything,
    facts,
    rows,
    stock,
)
from tests.unit.functions.builders import (
    CAUSE,
    NO_FAILURES,
    Context,
    a_batch,
    a_delivery,
    a_stock_added,
    a_stock_replenished,
    an_order_created,
)

pytestmark = pytest.mark.usefixtures("aws")


def arriving(*lines: tuple[str, int], name: str = "delivery-1") -> str:
    """The queue message that says so many of these SKUs have come in."""
    contents = tuple(StockLine(sku=sku, quantity=quantity) for sku, quantity in lines)
    return a_delivery(a_stock_replenished(replenishment_id=name, lines=contents))


def deliver(*bodies: str) -> object:
    return handle(a_batch(*bodies), Context())


def reasons() -> list[str]:
    return [message.attributes["reason"] for message in dead_lettered()]


def test_replenishment_is_added_and_published_as_a_decision() -> None:
    stock(TEAPOT=3)
    assert deliver(arriving(("TEAPOT", 500), ("CUP", 2000))) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 503, "CUP": 2000}
    (event,) = events()
    assert event.fact == a_stock_added()
    assert (event.subject, event.cause.id) == ("delivery-1", CAUSE.id)
    (row,) = rows("EVENT_LOG_TABLE")
    assert (row["pk"], row["sk"]) == ("inventory#delivery-1", "replenishment")


def test_each_replenishment_is_counted_on_its_sku_row() -> None:
    assert deliver(arriving(("TEAPOT", 5)), arriving(("TEAPOT", 6), name="delivery-2")) == NO_FAILURES
    assert rows("STOCK_TABLE") == [{"sku": "TEAPOT", "available": "11", "replenishments": "2"}]


@pytest.mark.parametrize(
    "lines",
    [[("TEAPOT", 6)], [("CUP", 5)], [("TEAPOT", 5), ("CUP", 1)]],
    ids=["another quantity", "another SKU", "one more"],
)
def test_replenishment_is_dead_lettered_when_its_id_is_reused(lines: list[tuple[str, int]]) -> None:
    deliver(arriving(("TEAPOT", 5)))
    before = everything()
    assert deliver(arriving(*lines)) == NO_FAILURES
    assert everything() == before
    assert reasons() == ["id_collision"]


def test_replenishment_is_dead_lettered_when_sku_is_repeated() -> None:
    assert deliver(arriving(("TEAPOT", 5), ("TEAPOT", 6))) == NO_FAILURES
    assert rows("STOCK_TABLE") == []
    assert reasons() == ["duplicate_sku"]


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001])
def test_replenishment_is_dead_lettered_when_quantity_is_invalid(quantity: int) -> None:
    data = {"replenishment_id": "delivery-1", "lines": [{"sku": "TEAPOT", "quantity": quantity}]}
    assert deliver(a_delivery(a_stock_replenished(), data=data)) == NO_FAILURES
    assert reasons() == ["data_invalid"]


def test_largest_replenishment_fits_into_one_transaction() -> None:
    lines = [(f"SKU-{number}", 1) for number in range(98)] + [("HOT", 7)]
    assert deliver(arriving(*lines)) == NO_FAILURES
    assert sum(available_stock().values()) == 105
    assert len(facts()) == 1


def test_replenishment_between_orders_lets_later_orders_reserve() -> None:
    stock(TEAPOT=1, CUP=100)
    first, second, third = (
        a_delivery(an_order_created(order_id=f"{number:08d}-5f43-5a0c-9a38-3d6f0a9d2c11"))
        for number in range(3)
    )
    assert deliver(first, second, arriving(("TEAPOT", 1)), third, second) == NO_FAILURES
    assert [type(fact).__name__ for fact in facts()] == [
        "InventoryReserved",
        "InventoryRejected",
        "StockAdded",
        "InventoryReserved",
    ]
    assert available_stock() == {"TEAPOT": 0, "CUP": 92}
