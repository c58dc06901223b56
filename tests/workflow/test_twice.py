"""Whatever comes twice happens once."""

from typing import Any

from pocketcloud import AwsCall
from tests.workflow.call_faults import CrashAfter, Proceed, call_fault, published_twice
from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import Shop, a_checkout, an_order, checkout_entry


def test_every_event_twice_at_once_changes_nothing(shop: Shop) -> None:
    with call_fault(shop.cloud, published_twice):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert len(shop.email_subjects()) == 3
    assert violations(shop) == []


def test_every_event_again_after_the_order_has_finished_changes_nothing(shop: Shop) -> None:
    published: list[dict[str, Any]] = []

    def keep(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            published.extend(call.parameters["Entries"])
        return proceed()

    with call_fault(shop.cloud, keep):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    assert len(published) == 5
    shop.cloud.advance(days=2)
    shop.cloud.put_events(published)
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert len(shop.email_subjects()) == 3
    assert violations(shop) == []


def test_the_same_checkout_through_both_doors_is_one_order(shop: Shop) -> None:
    shop.cloud.put_events([checkout_entry(a_checkout(key="k1"))])
    customer = shop.cloud.http("GET", "/orders/none", customer="ada")
    assert customer.status == 404
    order_id = shop.place(an_order(), key="k1", customer="ada")
    shop.cloud.settle()
    shop.cloud.put_events([checkout_entry(a_checkout(key="k1"))])
    shop.cloud.settle()
    assert [row["order_id"] for row in shop.rows("orders")] == [order_id]
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []


def test_a_client_that_posts_again_gets_the_same_order(shop: Shop) -> None:
    first = shop.post(an_order())
    again = shop.post(an_order())
    shop.cloud.settle()
    late = shop.post(an_order())
    assert [reply.status for reply in (first, again, late)] == [202, 202, 202]
    assert len({reply.json()["order_id"] for reply in (first, again, late)}) == 1
    assert again.headers["idempotent-replayed"] == "true"
    assert violations(shop) == []


def test_a_client_that_posts_again_after_we_crashed_gets_one_order_and_one_shipment(shop: Shop) -> None:
    for nth in (1, 2):
        shop.cloud.reset()
        shop.open()
        with call_fault(shop.cloud, CrashAfter(nth)):
            assert shop.post(an_order()).status == 500
            order_id = shop.place(an_order())
            shop.cloud.settle()
        assert shop.facts(order_id) == SHIPPED
        assert len(shop.rows("orders")) == 1
        assert violations(shop) == []


def test_one_key_for_two_wishes_is_refused_and_the_first_wish_stands(shop: Shop) -> None:
    order_id = shop.place(an_order())
    other = shop.post(an_order(lines=[{"sku": "CUP", "quantity": 9}]))
    assert other.status == 422
    assert other.json()["code"] == "idempotency_key_reused"
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []
