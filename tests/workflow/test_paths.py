"""The ways an order can go when nothing fails."""

from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import Shop, a_checkout, an_order, checkout_entry


def test_api_order_is_shipped_and_its_customer_emailed(shop: Shop) -> None:
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


def test_partner_checkout_is_shipped_like_an_api_order(shop: Shop) -> None:
    response = shop.cloud.put_events([checkout_entry(a_checkout())])
    assert response["FailedEntryCount"] == 0
    shop.cloud.settle()
    (row,) = shop.orders()
    assert shop.facts(row["order_id"]) == SHIPPED
    assert violations(shop) == []


def test_client_reads_its_own_write_immediately(shop: Shop) -> None:
    order_id = shop.place(an_order())
    view = shop.cloud.http("GET", f"/orders/{order_id}", customer="ada").json()
    assert view["status"] == "created"
    assert view["total"] == {"amount": 3799, "currency": "GBP"}
    assert [step["type"] for step in view["history"]] == ["OrderCreated"]


def test_view_of_a_shipped_order_has_its_whole_history(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    view = shop.cloud.http("GET", f"/orders/{order_id}", customer="ada").json()
    assert view["status"] == "shipped"
    assert view["tracking_number"].startswith("OB")
    assert [step["type"] for step in view["history"]] == SHIPPED


def test_order_of_another_customer_is_not_found(shop: Shop) -> None:
    order_id = shop.place(an_order(), customer="ada")
    reply = shop.cloud.http("GET", f"/orders/{order_id}", customer="eve")
    assert reply.status == 404
    assert reply.json()["code"] == "order_not_found"


def test_order_is_compensated_and_cancelled_when_card_is_declined(shop: Shop) -> None:
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


def test_last_item_is_sold_once_when_two_order_it(shop: Shop) -> None:
    stock = {"TEAPOT": 1, "CUP": 20}
    shop.open(stock)
    orders = [shop.place(an_order(), key=key, customer=key) for key in ("ada", "eve")]
    shop.cloud.settle()
    ends = sorted(row["status"] for row in shop.orders())
    assert ends == ["cancelled", "shipped"]
    (loser,) = [order for order in orders if "OrderCancelled" in shop.facts(order)]
    assert "InventoryRejected" in shop.facts(loser)
    assert violations(shop, stock=stock) == []


def test_order_reserves_nothing_when_one_line_is_short(shop: Shop) -> None:
    shop.place(an_order(lines=[{"sku": "CUP", "quantity": 3}, {"sku": "TEAPOT", "quantity": 6}]))
    shop.cloud.settle()
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}
    assert violations(shop) == []


def test_free_order_is_shipped_without_a_gateway_call(shop: Shop) -> None:
    gift = a_checkout(lines=[{"sku": "CUP", "quantity": 1, "unit_price": 0}])
    shop.cloud.put_events([checkout_entry(gift)])
    shop.cloud.settle()
    (row,) = shop.orders()
    assert shop.facts(row["order_id"]) == SHIPPED
    assert shop.rows("gateway") == []
