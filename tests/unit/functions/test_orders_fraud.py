"""Reaction of orders to `FraudSuspected`: cancel, or warn when the order is shipped."""

import itertools
from typing import Any

import pytest

from functions.contracts.fraud import FraudSuspected
from functions.contracts.orders import OrderCancelled, OrderConfirmed
from functions.contracts.shipping import ShipmentScheduled
from functions.orders.handler import handle
from functions.orders.placement import create
from functions.shipping.handler import handle as ship
from tests.unit.functions.account import facts, order_statuses
from tests.unit.functions.builders import (
    ADA,
    CAUSE,
    NO_FAILURES,
    ORDER,
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    a_payment_declined,
    a_payment_processed,
    an_inventory_rejected,
    an_order_confirmed,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

SUSPECTED = a_delivery(FraudSuspected(order_id=ORDER, customer_id=ADA.id, reasons=("large_amount",)))
PAID = a_delivery(a_payment_processed())
DECLINED = a_delivery(a_payment_declined())
REJECTED = a_delivery(an_inventory_rejected())


def deliver(*bodies: str) -> BatchResponse:
    return handle(a_batch(*bodies), Context())


def create_order() -> None:
    assert create(an_order_created(), cause=CAUSE).is_new


def warnings(output: Output) -> list[dict[str, Any]]:
    return [line for line in output.logs() if line["message"] == "fraud suspected too late"]


def test_suspicious_order_is_cancelled_once_without_warning(output: Output) -> None:
    create_order()
    assert deliver(SUSPECTED, SUSPECTED, PAID) == NO_FAILURES
    assert facts()[1:] == [OrderCancelled(order_id=ORDER, customer_id=ADA.id, reason="fraud_suspected")]
    assert warnings(output) == []


def test_suspicion_is_counted_and_logged_when_order_is_shipped(output: Output) -> None:
    create_order()
    assert deliver(PAID) == NO_FAILURES
    assert ship(a_batch(a_delivery(an_order_confirmed())), Context()) == NO_FAILURES
    assert deliver(SUSPECTED) == NO_FAILURES
    assert {type(fact) for fact in facts()[1:]} == {OrderConfirmed, ShipmentScheduled}
    (warning,) = warnings(output)
    assert (warning["order_id"], warning["reasons"]) == (ORDER, ["large_amount"])
    assert output.metrics()["FraudSuspectedTooLate"] == 1


@pytest.mark.parametrize("arrivals", [(PAID, SUSPECTED), (SUSPECTED, PAID)])
def test_suspicious_order_is_cancelled_when_paid_or_unpaid(arrivals: tuple[str, ...]) -> None:
    create_order()
    assert deliver(*arrivals) == NO_FAILURES
    assert isinstance(facts()[-1], OrderCancelled)
    assert order_statuses() == {ORDER: "cancelled"}


@pytest.mark.parametrize("arrivals", list(itertools.permutations((SUSPECTED, DECLINED, REJECTED))))
def test_order_is_cancelled_once_when_several_reasons_arrive(arrivals: tuple[str, ...]) -> None:
    create_order()
    assert deliver(*arrivals) == NO_FAILURES
    (decided,) = facts()[1:]
    assert isinstance(decided, OrderCancelled)
    assert order_statuses() == {ORDER: "cancelled"}


def test_suspicion_is_retried_until_order_exists() -> None:
    assert deliver(SUSPECTED) == retried("message-0")
    create_order()
    assert deliver(SUSPECTED) == NO_FAILURES
    assert len(facts()) == 2
