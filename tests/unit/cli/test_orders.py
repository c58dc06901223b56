"""Sample orders repeat for the same seed and cause both compensations."""

from cli.demo.sample_orders import (
    DECLINED_CARD,
    PLENTY,
    SCARCE,
    SampleOrder,
    sample_orders,
    seeded_random,
    stock_for,
)


def orders_of(seed: int, number: int = 20) -> list[SampleOrder]:
    return sample_orders(number, seeded_random(seed))


def test_sample_orders_depend_on_the_seed_only() -> None:
    assert orders_of(1) == orders_of(1)
    assert orders_of(1) != orders_of(2)


def test_sample_orders_include_declined_card_and_scarce_sku() -> None:
    orders = orders_of(0)
    demand = sum(line.quantity for order in orders for line in order.lines if line.sku == SCARCE)
    assert any(order.payment_method == DECLINED_CARD for order in orders)
    assert 0 < stock_for(orders)[SCARCE] < demand


def test_stock_is_plentiful_for_other_skus() -> None:
    stock = stock_for(orders_of(0))
    assert {number for sku, number in stock.items() if sku != SCARCE} == {PLENTY}


def test_sample_orders_have_distinct_keys() -> None:
    orders = orders_of(0, 200)
    assert len({order.key for order in orders}) == 200


def test_request_has_the_total_and_no_unit_price() -> None:
    order = orders_of(0)[0]
    request = order.request()
    assert request["total"]["amount"] == sum(line.quantity * line.unit_price for line in order.lines)
    assert all(line.keys() == {"sku", "quantity"} for line in request["lines"])
