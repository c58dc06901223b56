"""The ways an order can go when nothing fails."""

from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import Shop, a_checkout, an_order, checkout_entry


def test_an_order_placed_through_the_api_is_shipped_and_its_customer_told(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []
    assert shop.available() == {"TEAPOT": 4, "CUP": 18}
    assert [subject.replace(order_id, "…") for subject in shop.email_subjects()] == [
        "We have your order …",
        "Your order … is confirmed",
        "Your order … is on its way",
    ]


def test_a_partners_checkout_takes_the_same_way(shop: Shop) -> None:
    answer = shop.cloud.put_events([checkout_entry(a_checkout())])
    assert answer["FailedEntryCount"] == 0
    shop.cloud.settle()
    (row,) = shop.rows("orders")
    assert shop.facts(row["order_id"]) == SHIPPED
    assert violations(shop) == []


def test_a_client_reads_its_own_write_before_anything_else_has_happened(shop: Shop) -> None:
    order_id = shop.place(an_order())
    view = shop.cloud.http("GET", f"/orders/{order_id}", customer="ada").json()
    assert view["status"] == "created"
    assert view["total"] == {"amount": 3799, "currency": "GBP"}
    assert [step["type"] for step in view["history"]] == ["OrderCreated"]


def test_the_view_of_a_shipped_order_tells_its_whole_history(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    view = shop.cloud.http("GET", f"/orders/{order_id}", customer="ada").json()
    assert view["status"] == "shipped"
    assert view["tracking_number"].startswith("OB")
    assert [step["type"] for step in view["history"]] == SHIPPED


def test_another_customers_order_is_not_there(shop: Shop) -> None:
    order_id = shop.place(an_order(), customer="ada")
    reply = shop.cloud.http("GET", f"/orders/{order_id}", customer="eve")
    assert reply.status == 404
    assert reply.json()["code"] == "order_not_found"


def test_a_declined_card_releases_the_stock_cancels_the_order_and_tells_the_customer(shop: Shop) -> None:
    order_id = shop.place(an_order(payment_method="pm_card_chargeDeclined"))
    shop.cloud.settle()
    assert set(shop.facts(order_id)) == {
        "OrderCreated",
        "InventoryReserved",
        "PaymentDeclined",
        "OrderCancelled",
        "InventoryReleased",
    }
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}
    assert shop.email_subjects()[-1] == f"Your order {order_id} is cancelled"
    assert violations(shop) == []


def test_two_orders_for_the_last_item_end_with_one_shipped_and_one_cancelled(shop: Shop) -> None:
    stock = {"TEAPOT": 1, "CUP": 20}
    shop.open(stock)
    orders = [shop.place(an_order(), key=key, customer=key) for key in ("ada", "eve")]
    shop.cloud.settle()
    ends = sorted(row["status"] for row in shop.rows("orders"))
    assert ends == ["cancelled", "shipped"]
    (loser,) = [order for order in orders if "OrderCancelled" in shop.facts(order)]
    assert "InventoryRejected" in shop.facts(loser)
    assert violations(shop, stock=stock) == []


def test_an_order_with_one_short_line_takes_nothing_of_the_others(shop: Shop) -> None:
    shop.place(an_order(lines=[{"sku": "CUP", "quantity": 3}, {"sku": "TEAPOT", "quantity": 6}]))
    shop.cloud.settle()
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}
    assert violations(shop) == []


def test_an_order_that_costs_nothing_is_shipped_without_asking_the_gateway(shop: Shop) -> None:
    gift = a_checkout(lines=[{"sku": "CUP", "quantity": 1, "unit_price": 0}])
    shop.cloud.put_events([checkout_entry(gift)])
    shop.cloud.settle()
    (row,) = shop.rows("orders")
    assert shop.facts(row["order_id"]) == SHIPPED
    assert shop.rows("gateway") == []
