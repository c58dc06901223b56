"""Events and requests that arrive twice take effect once."""

from typing import Any

from pocketcloud import AwsCall
from tests.workflow.call_faults import CrashAfter, Proceed, call_fault, published_twice
from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import Shop, a_checkout, an_order, checkout_entry


def test_shipped_order_is_unchanged_when_events_arrive_twice(shop: Shop) -> None:
    with call_fault(shop.cloud, published_twice):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert len(shop.email_subjects()) == 3
    assert violations(shop) == []


def test_shipped_order_is_unchanged_when_events_are_republished(shop: Shop) -> None:
    published: list[dict[str, Any]] = []

    def keep(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            published.extend(call.parameters["Entries"])
        return proceed()

    with call_fault(shop.cloud, keep):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    assert len(published) == 5
    shop.cloud.skip(days=2)
    shop.cloud.put_events(published)
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert len(shop.email_subjects()) == 3
    assert violations(shop) == []


def test_checkout_through_both_entry_points_is_one_order(shop: Shop) -> None:
    shop.cloud.put_events([checkout_entry(a_checkout(key="k1"))])
    customer = shop.cloud.http("GET", "/orders/none", customer="ada")
    assert customer.status == 404
    order_id = shop.place(an_order(), key="k1", customer="ada")
    shop.cloud.settle()
    shop.cloud.put_events([checkout_entry(a_checkout(key="k1"))])
    shop.cloud.settle()
    assert [row["order_id"] for row in shop.orders()] == [order_id]
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []


def test_repeated_post_returns_the_same_order(shop: Shop) -> None:
    first = shop.post(an_order())
    again = shop.post(an_order())
    shop.cloud.settle()
    late = shop.post(an_order())
    assert [reply.status for reply in (first, again, late)] == [202, 202, 202]
    assert len({reply.json()["order_id"] for reply in (first, again, late)}) == 1
    assert again.headers["idempotent-replayed"] == "true"
    assert violations(shop) == []


def test_repeated_post_creates_one_order_when_any_call_crashes(shop: Shop) -> None:
    for nth in (1, 2):
        shop.cloud.reset()
        shop.open()
        with call_fault(shop.cloud, CrashAfter(nth)):
            assert shop.post(an_order()).status == 500
            order_id = shop.place(an_order())
            shop.cloud.settle()
        assert shop.facts(order_id) == SHIPPED
        assert len(shop.orders()) == 1
        assert violations(shop) == []


def test_key_is_rejected_when_reused_for_another_order(shop: Shop) -> None:
    order_id = shop.place(an_order())
    other = shop.post(an_order(lines=[{"sku": "CUP", "quantity": 9}]))
    assert other.status == 422
    assert other.json()["code"] == "idempotency_key_reused"
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert violations(shop) == []
