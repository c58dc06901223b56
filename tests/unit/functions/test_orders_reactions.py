"""Reactions of orders: create partners' orders, confirm and cancel."""

import itertools
import uuid

import msgspec
import pytest

from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.values import NAMESPACE, Customer, Line, Money, PricedLine
from functions.orders import store
from functions.orders.handler import handle
from functions.orders.placement import create
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import dead_lettered, facts, names_of_facts, rows
from tests.unit.functions.aws_faults import (
    meanwhile,
)
from tests.unit.functions.builders import (
    ADA,
    CAUSE,
    CUPS,
    LONDON,
    NO_FAILURES,
    ORDER,
    TEAPOT,
    TOTAL,
    BatchResponse,
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    a_payment_declined,
    a_payment_processed,
    an_inventory_rejected,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

PAID = a_delivery(a_payment_processed())
DECLINED = a_delivery(a_payment_declined())
REJECTED = a_delivery(an_inventory_rejected())
CHECKED_OUT = a_delivery(a_checkout_completed())
CHECKOUT_ORDER = str(uuid.uuid5(NAMESPACE, "order|ada|basket-1"))


def deliver(*bodies: str) -> BatchResponse:
    return handle(a_batch(*bodies), Context())


def create_order() -> None:
    assert create(an_order_created(), cause=CAUSE).is_new


def orders() -> list[str]:
    """Return the ids of the orders that were created."""
    return [fact.order_id for fact in facts() if isinstance(fact, OrderCreated)]


def test_checkout_becomes_order_at_partner_prices() -> None:
    assert deliver(CHECKED_OUT) == NO_FAILURES
    order = OrderCreated(
        order_id=CHECKOUT_ORDER,
        customer_id=ADA.id,
        email=ADA.email,
        ship_to=LONDON,
        lines=(TEAPOT, CUPS),
        total=TOTAL,
        payment_method="pm_card_visa",
    )
    assert facts() == [order]
    assert store.load(CHECKOUT_ORDER).fact == order


def test_order_is_the_same_at_other_prices_or_reordered() -> None:
    deliver(CHECKED_OUT)
    dearer = PricedLine(sku="TEAPOT", quantity=1, unit_price=9999)
    assert deliver(a_delivery(a_checkout_completed(lines=(CUPS, dearer)))) == NO_FAILURES
    assert [fact.total for fact in facts() if isinstance(fact, OrderCreated)] == [TOTAL]
    assert dead_lettered() == []


@pytest.mark.parametrize(
    "change",
    [
        {"lines": (TEAPOT,)},
        {"lines": (TEAPOT, msgspec.structs.replace(CUPS, quantity=5))},
        {"ship_to": msgspec.structs.replace(LONDON, city="Leeds")},
        {"payment_method": "pm_other"},
        {"email": "other@example.com"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_checkout_is_dead_lettered_when_key_belongs_to_another(change: dict[str, object]) -> None:
    deliver(CHECKED_OUT)
    assert deliver(a_delivery(a_checkout_completed(**change))) == NO_FAILURES
    assert [message.attributes["reason"] for message in dead_lettered()] == ["idempotency_key_reused"]
    assert names_of_facts() == ["OrderCreated"]


def test_order_is_new_when_customer_differs() -> None:
    grace = Customer(id="grace", email="grace@example.com")
    assert (
        deliver(CHECKED_OUT, a_delivery(a_checkout_completed(customer_id=grace.id, email=grace.email)))
        == NO_FAILURES
    )
    assert len(orders()) == 2


def test_checkout_is_dead_lettered_when_sku_is_repeated() -> None:
    assert deliver(a_delivery(a_checkout_completed(lines=(CUPS, TEAPOT, CUPS)))) == NO_FAILURES
    assert [message.attributes["reason"] for message in dead_lettered()] == ["duplicate_sku"]
    assert facts() == []
    assert rows("WAITING_TABLE") == []


def test_largest_possible_order_is_created() -> None:
    lines = tuple(PricedLine(sku=f"A{index}", quantity=99, unit_price=100_000_000) for index in range(99))
    assert deliver(a_delivery(a_checkout_completed(lines=lines))) == NO_FAILURES
    total = Money(amount=99 * 99 * 100_000_000, currency="GBP")
    assert [fact.total for fact in facts() if isinstance(fact, OrderCreated)] == [total]


def test_paid_order_is_confirmed() -> None:
    create_order()
    assert deliver(PAID) == NO_FAILURES
    lines = (Line(sku="TEAPOT", quantity=1), Line(sku="CUP", quantity=4))
    assert facts()[1:] == [an_order_confirmed(lines=lines)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [(DECLINED, "payment_declined"), (REJECTED, "out_of_stock")],
    ids=["declined", "rejected"],
)
def test_order_is_cancelled_when_declined_or_out_of_stock(body: str, reason: str) -> None:
    create_order()
    assert deliver(body) == NO_FAILURES
    assert facts()[1:] == [an_order_cancelled(reason=reason)]


def test_confirmed_order_is_not_cancelled_by_late_failures() -> None:
    create_order()
    assert deliver(PAID, REJECTED, DECLINED, PAID) == NO_FAILURES
    assert names_of_facts() == ["OrderCreated", "OrderConfirmed"]


@pytest.mark.parametrize("arrivals", list(itertools.permutations((PAID, DECLINED, REJECTED))))
def test_order_is_confirmed_or_cancelled_never_both(arrivals: tuple[str, ...]) -> None:
    create_order()
    assert deliver(*arrivals) == NO_FAILURES
    (decided,) = facts()[1:]
    assert isinstance(decided, OrderConfirmed) is (arrivals[0] == PAID)


@pytest.mark.parametrize(("first", "second"), [(PAID, DECLINED), (DECLINED, PAID), (REJECTED, PAID)])
def test_concurrent_decision_finds_the_other(first: str, second: str) -> None:
    create_order()
    with meanwhile(dynamodb(), "PutItem", lambda: deliver_successfully(first)):
        deliver_successfully(second)
    (decided,) = facts()[1:]
    assert isinstance(decided, OrderConfirmed if first == PAID else OrderCancelled)


def deliver_successfully(*bodies: str) -> None:
    assert deliver(*bodies) == NO_FAILURES


@pytest.mark.parametrize(
    ("body", "also"), [(PAID, "Revenue"), (DECLINED, "OrderEnded"), (REJECTED, "OrderEnded")]
)
def test_event_is_retried_until_order_exists(body: str, also: str, output: Output) -> None:
    assert deliver(body) == retried("message-0")
    assert facts() == []
    create_order()
    assert deliver(body) == NO_FAILURES
    assert output.metrics().keys() == {"Retried", "Handled", also}


def test_confirmed_order_counts_its_revenue_once(output: Output) -> None:
    create_order()
    deliver_successfully(PAID, PAID)
    assert output.counted_by("Revenue", "currency") == {"GBP": an_order_created().total.amount}
    assert {"email", "customer", "Ada"}.isdisjoint(output.everything().split('"'))


@pytest.mark.parametrize(("body", "outcome"), [(DECLINED, "payment_declined"), (REJECTED, "out_of_stock")])
def test_cancelled_order_is_counted_once_by_reason(body: str, outcome: str, output: Output) -> None:
    create_order()
    deliver_successfully(body, body)
    assert output.counted_by("OrderEnded", "outcome") == {outcome: 1}


def test_decision_records_its_cause() -> None:
    create_order()
    deliver(PAID)
    confirmed = event_log().recorded(ORDER, ("orders", "confirmation"))
    assert confirmed is not None
    assert confirmed.cause.correlation_id == CAUSE.correlation_id
    assert confirmed.cause.id == str(uuid.uuid5(NAMESPACE, f"payments|{ORDER}|payment"))
