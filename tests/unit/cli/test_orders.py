"""Made-up orders repeat with their seed and meet both compensations."""

from cli.demo.sample_orders import DECLINED_CARD, PLENTY, SCARCE, Order, chance, made_up_orders, stock_for


def orders_of(seed: int, number: int = 20) -> list[Order]:
    return made_up_orders(number, chance(seed))


def test_the_same_seed_makes_the_same_orders_and_another_makes_others() -> None:
    assert orders_of(1) == orders_of(1)
    assert orders_of(1) != orders_of(2)


def test_twenty_orders_hold_a_declined_card_and_more_wishes_than_there_is_of_the_scarce_article() -> None:
    orders = orders_of(0)
    wanted = sum(line.quantity for order in orders for line in order.lines if line.sku == SCARCE)
    assert any(order.payment_method == DECLINED_CARD for order in orders)
    assert 0 < stock_for(orders)[SCARCE] < wanted


def test_there_is_plenty_of_everything_else() -> None:
    stock = stock_for(orders_of(0))
    assert {number for sku, number in stock.items() if sku != SCARCE} == {PLENTY}


def test_every_order_has_a_key_of_its_own() -> None:
    orders = orders_of(0, 200)
    assert len({order.key for order in orders}) == 200


def test_a_request_names_no_price_but_the_total_that_was_shown() -> None:
    order = orders_of(0)[0]
    request = order.request()
    assert request["total"]["amount"] == sum(line.quantity * line.unit_price for line in order.lines)
    assert all(line.keys() == {"sku", "quantity"} for line in request["lines"])
