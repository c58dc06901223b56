"""`POST /orders/{id}/cancellation`: its responses and decisions."""

import pytest

from functions.orders.handler import handle as react
from functions.orders.placement import create
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from functions.shipping.handler import handle as ship
from tests.unit.functions.account import names_of_facts
from tests.unit.functions.aws_faults import failing, meanwhile, recorded_calls
from tests.unit.functions.builders import (
    CAUSE,
    NO_FAILURES,
    ORDER,
    OTHER_ORDER,
    Context,
    a_batch,
    a_delivery,
    a_payment_processed,
    an_order_confirmed,
    an_order_created,
)
from tests.unit.functions.shop import cancel

pytestmark = pytest.mark.usefixtures("aws")

PAID = a_delivery(a_payment_processed())


def create_order() -> None:
    assert create(an_order_created(), cause=CAUSE).is_new


def deliver(*bodies: str) -> None:
    assert react(a_batch(*bodies), Context()) == NO_FAILURES


@pytest.mark.parametrize("bodies", [(), (PAID,)], ids=["unpaid", "paid"])
def test_order_is_cancelled_once_when_request_is_repeated(bodies: tuple[str, ...]) -> None:
    create_order()
    if bodies:
        deliver(*bodies)
    first, again = cancel(ORDER), cancel(ORDER)
    assert (first.status, again.status) == (200, 200)
    assert first.json() == {"order_id": ORDER, "status": "cancelled", "status_url": f"/orders/{ORDER}"}
    assert first.json() == again.json()
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert names_of_facts().count("OrderCancelled") == 1


def test_cancellation_keeps_correlation_id_of_order() -> None:
    create_order()
    cancel(ORDER)
    cancelled = event_log().recorded(ORDER, ("orders", "confirmation"))
    assert cancelled is not None
    assert cancelled.cause.correlation_id == CAUSE.correlation_id


def test_cancellation_is_rejected_when_order_is_shipped() -> None:
    create_order()
    deliver(PAID)
    ship(a_batch(a_delivery(an_order_confirmed())), Context())
    reply = cancel(ORDER)
    assert (reply.status, reply.code) == (409, "already_shipped")
    assert "OrderCancelled" not in names_of_facts()


def test_order_is_not_shipped_when_cancelled_before() -> None:
    create_order()
    deliver(PAID)
    assert cancel(ORDER).status == 200
    assert ship(a_batch(a_delivery(an_order_confirmed())), Context()) == NO_FAILURES
    assert "ShipmentScheduled" not in names_of_facts()


@pytest.mark.parametrize(
    ("order_id", "customer"), [(ORDER, "eve"), (OTHER_ORDER, "ada"), ("none", "ada"), ("", "ada")]
)
def test_response_is_404_when_order_is_not_own(order_id: str, customer: str) -> None:
    create_order()
    reply = cancel(order_id, customer=customer)
    assert (reply.status, reply.code) == (404, "order_not_found")
    assert names_of_facts() == ["OrderCreated"]


def test_order_is_cancelled_when_confirmed_meanwhile() -> None:
    create_order()
    with meanwhile(dynamodb(), "PutItem", lambda: deliver(PAID)):
        assert cancel(ORDER).status == 200
    assert names_of_facts() == ["OrderCreated", "OrderConfirmed", "OrderCancelled"]


def test_order_is_not_confirmed_when_cancelled_meanwhile() -> None:
    create_order()
    with meanwhile(dynamodb(), "PutItem", lambda: requested(200)):
        deliver(PAID)
    assert names_of_facts() == ["OrderCreated", "OrderCancelled"]


@pytest.mark.parametrize("is_paid", [False, True], ids=["unpaid", "paid"])
def test_order_is_cancelled_once_when_requested_concurrently(*, is_paid: bool) -> None:
    create_order()
    if is_paid:
        deliver(PAID)
    with meanwhile(dynamodb(), "TransactWriteItems" if is_paid else "PutItem", lambda: requested(200)):
        requested(200)
    assert names_of_facts().count("OrderCancelled") == 1


def requested(status: int) -> None:
    assert cancel(ORDER).status == status


def test_cancellation_is_one_put_while_order_is_unconfirmed() -> None:
    create_order()
    with recorded_calls(dynamodb()) as calls:
        requested(200)
    assert calls == ["GetItem", "PutItem"]


@pytest.mark.parametrize("is_paid", [False, True], ids=["unpaid", "paid"])
def test_response_is_503_when_commit_fails_on_contention(*, is_paid: bool) -> None:
    create_order()
    if is_paid:
        deliver(PAID)
    before = names_of_facts()
    reasons = ["None", "TransactionConflict"]
    with (
        failing(dynamodb(), "TransactWriteItems", "TransactionCanceledException", reasons)
        if is_paid
        else failing(dynamodb(), "PutItem", "TransactionConflictException")
    ):
        reply = cancel(ORDER)
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert names_of_facts() == before
    requested(200)
