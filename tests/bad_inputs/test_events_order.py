"""An early event waits, a late one changes nothing, and an impossible one is dead-lettered."""

from collections.abc import Sequence

import pytest

from functions.inventory import handler as inventory
from functions.notifications import handler as notifications
from functions.orders import handler as orders
from functions.orders.placement import create
from functions.payments import handler as payments
from functions.shared.contracts.fact import Fact
from functions.shared.runtime.consumer import Handler
from functions.shipping import handler as shipping
from tests.unit.functions import account
from tests.unit.functions.account import (
    available_stock,
    dead_lettered,
    everything,
    names_of_facts,
    order_statuses,
)
from tests.unit.functions.builders import (
    CAUSE,
    NO_FAILURES,
    ORDER,
    Context,
    a_batch,
    a_delivery,
    a_fraud_suspected,
    a_payment_declined,
    a_payment_processed,
    a_shipment_scheduled,
    an_inventory_rejected,
    an_inventory_reserved,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

WAITING = [
    pytest.param(orders.handle, fact, id=f"orders {type(fact).__name__}")
    for fact in (a_payment_processed(), a_payment_declined(), an_inventory_rejected())
] + [
    pytest.param(notifications.handle, fact, id=f"notifications {type(fact).__name__}")
    for fact in (an_order_confirmed(), an_order_cancelled(), a_shipment_scheduled())
]


def deliver(handle: Handler, *facts: Fact) -> None:
    assert handle(a_batch(*map(a_delivery, facts)), Context()) == NO_FAILURES


def labels() -> Sequence[tuple[str, str]]:
    return [(message.attributes["reason"], message.attributes["consumer"]) for message in dead_lettered()]


@pytest.mark.parametrize(("handle", "fact"), WAITING)
def test_e20_fact_waits_when_it_arrives_before_its_order(handle: Handler, fact: Fact, output: Output) -> None:
    before = everything()
    assert handle(a_batch(a_delivery(fact), receive_count=4), Context()) == retried("message-0")
    assert (everything(), dead_lettered()) == (before, [])
    assert output.metrics() == {"Retried": 1}
    assert [line["reason"] for line in output.logs()] == ["precondition_missing"]


@pytest.mark.parametrize(("handle", "fact"), WAITING)
def test_e23_fact_is_dead_lettered_when_order_is_unknown(handle: Handler, fact: Fact) -> None:
    before = everything()
    assert handle(a_batch(a_delivery(fact), receive_count=5), Context()) == NO_FAILURES
    assert everything() == before
    assert labels() == [("precondition_missing", handle_name(handle))]


def handle_name(handle: Handler) -> str:
    return "orders" if handle is orders.handle else "notifications"


def test_e21_payment_is_refunded_when_it_arrives_after_cancellation() -> None:
    assert create(an_order_created(), cause=CAUSE).is_new
    deliver(payments.handle, an_inventory_reserved())
    deliver(orders.handle, an_inventory_rejected(), a_payment_processed())
    assert order_statuses() == {ORDER: "cancelled"}
    deliver(payments.handle, an_order_cancelled())
    assert names_of_facts()[-1] == "PaymentRefunded"
    assert dead_lettered() == []


def test_e22_release_leaves_a_tombstone_when_before_the_reservation() -> None:
    account.stock(TEAPOT=10, CUP=10)
    deliver(inventory.handle, an_order_cancelled(), an_order_created())
    assert available_stock() == {"TEAPOT": 10, "CUP": 10}
    assert names_of_facts() == ["InventoryRejected"]


def test_e24_order_is_not_shipped_when_cancelled() -> None:
    assert create(an_order_created(), cause=CAUSE).is_new
    deliver(orders.handle, a_payment_processed(), a_fraud_suspected())
    before = everything()
    deliver(shipping.handle, an_order_confirmed())
    assert (everything(), dead_lettered()) == (before, [])
    assert order_statuses() == {ORDER: "cancelled"}


def test_e24_fact_changes_nothing_when_order_is_further() -> None:
    assert create(an_order_created(), cause=CAUSE).is_new
    deliver(orders.handle, a_payment_processed())
    deliver(shipping.handle, an_order_confirmed())
    before = everything()
    deliver(orders.handle, a_payment_processed(), a_payment_declined())
    deliver(shipping.handle, an_order_confirmed())
    assert (everything(), dead_lettered()) == (before, [])
    assert order_statuses() == {ORDER: "shipped"}
