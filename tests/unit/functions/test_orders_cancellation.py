"""`POST /orders/{id}/cancellation`: what a customer is answered."""

import pytest

from functions.orders.handler import handle as react
from functions.orders.intake import take_in
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from functions.shipping.handler import handle as ship
from tests.unit.functions.account import names_of_facts
from tests.unit.functions.builders import (
    ALL_WELL,
    CAUSE,
    ORDER,
    OTHER_ORDER,
    Context,
    a_batch,
    a_delivery,
    a_payment_processed,
    a_shipment_scheduled,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
)
from tests.unit.functions.shop import cancel
from tests.unit.functions.trouble import failing, meanwhile

pytestmark = pytest.mark.usefixtures("aws")

PAID = a_delivery(a_payment_processed())


def given_an_order() -> None:
    assert take_in(an_order_created(), cause=CAUSE).is_new


def deliver(*bodies: str) -> None:
    assert react(a_batch(*bodies), Context()) == ALL_WELL


@pytest.mark.parametrize("bodies", [(), (PAID,)], ids=["unpaid", "paid"])
def test_an_order_is_cancelled_once_however_often_it_is_asked_for(bodies: tuple[str, ...]) -> None:
    given_an_order()
    if bodies:
        deliver(*bodies)
    first, again = cancel(ORDER), cancel(ORDER)
    assert (first.status, again.status) == (200, 200)
    assert first.json() == {"order_id": ORDER, "status": "cancelled", "status_url": f"/orders/{ORDER}"}
    assert first.json() == again.json()
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert names_of_facts().count("OrderCancelled") == 1


def test_a_cancellation_goes_on_in_the_order_s_own_conversation() -> None:
    given_an_order()
    cancel(ORDER)
    cancelled = event_log().recorded(ORDER, ("orders", "cancellation"))
    assert cancelled is not None
    assert cancelled.cause.correlation_id == CAUSE.correlation_id


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "not-heard-of"])
def test_a_shipped_order_is_not_cancelled(*, heard: bool) -> None:
    given_an_order()
    deliver(PAID)
    ship(a_batch(a_delivery(an_order_confirmed())), Context())
    if heard:
        deliver(a_delivery(a_shipment_scheduled()))
    reply = cancel(ORDER)
    assert (reply.status, reply.code) == (409, "already_shipped")
    assert "OrderCancelled" not in names_of_facts()


def test_a_cancelled_order_is_not_shipped_though_shipping_has_not_heard_of_it() -> None:
    given_an_order()
    deliver(PAID)
    assert cancel(ORDER).status == 200
    assert ship(a_batch(a_delivery(an_order_confirmed())), Context()) == ALL_WELL
    assert ship(a_batch(a_delivery(an_order_cancelled())), Context()) == ALL_WELL
    assert "ShipmentScheduled" not in names_of_facts()


@pytest.mark.parametrize(
    ("order_id", "customer"), [(ORDER, "eve"), (OTHER_ORDER, "ada"), ("none", "ada"), ("", "ada")]
)
def test_what_is_not_the_customer_s_own_is_not_there(order_id: str, customer: str) -> None:
    given_an_order()
    reply = cancel(order_id, customer=customer)
    assert (reply.status, reply.code) == (404, "order_not_found")
    assert names_of_facts() == ["OrderCreated"]


def test_an_order_confirmed_meanwhile_is_cancelled_all_the_same() -> None:
    given_an_order()
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: deliver(PAID)):
        assert cancel(ORDER).status == 200
    assert names_of_facts() == ["OrderCreated", "OrderConfirmed", "OrderCancelled"]


@pytest.mark.parametrize("reasons", [["None", "TransactionConflict"], ["None", "ConditionalCheckFailed"]])
def test_a_decision_that_cannot_be_taken_now_may_be_asked_for_again(reasons: list[str]) -> None:
    given_an_order()
    with failing(dynamodb(), "TransactWriteItems", "TransactionCanceledException", reasons):
        reply = cancel(ORDER)
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert names_of_facts() == ["OrderCreated"]
    assert cancel(ORDER).status == 200
