"""An address gets emails about a limited number of orders, and one about an order rejected as fraud."""

import json
from datetime import timedelta

import pytest

from functions.contracts.values import Customer
from functions.notifications.address_limit import ORDERS_PER_ADDRESS_AND_HOUR
from functions.notifications.handler import handle
from functions.shared.runtime.clients import ses
from tests.now import NOW, frozen
from tests.unit.functions.account import emails, rows
from tests.unit.functions.aws_faults import failing
from tests.unit.functions.builders import (
    NO_FAILURES,
    Context,
    a_batch,
    a_delivery,
    a_payment_refunded,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

STRANGER = "stranger@example.com"
WRITE_UNIT_BYTES = 1024
FRAUD = an_order_cancelled(reason="fraud_suspected")


def order_id(number: int) -> str:
    return f"00000000-0000-5000-8000-{number:012}"


def deliver(*bodies: str) -> None:
    assert handle(a_batch(*bodies), Context()) == NO_FAILURES


def bomb(orders: range, address: str = STRANGER) -> None:
    """Place the orders with a token for each."""
    for number in orders:
        customer = Customer(id=f"customer-{number}", email=address)
        deliver(a_delivery(an_order_created(order_id=order_id(number), customer=customer)))


def test_address_gets_no_email_about_orders_above_the_limit(output: Output) -> None:
    bomb(range(60))
    assert len(emails()) == ORDERS_PER_ADDRESS_AND_HOUR
    deliver(a_delivery(an_order_confirmed(order_id=order_id(59))))
    assert len(emails()) == ORDERS_PER_ADDRESS_AND_HOUR
    assert output.metrics()["EmailSuppressed"] == 60 - ORDERS_PER_ADDRESS_AND_HOUR + 1
    deliver(a_delivery(an_order_confirmed(order_id=order_id(1))))
    assert len(emails()) == ORDERS_PER_ADDRESS_AND_HOUR + 1


@pytest.mark.parametrize("other", [STRANGER.upper(), "stranger+1@example.com"])
def test_other_spelling_of_a_full_address_gets_no_email(other: str) -> None:
    bomb(range(ORDERS_PER_ADDRESS_AND_HOUR))
    bomb(range(90, 91), other)
    assert len(emails()) == ORDERS_PER_ADDRESS_AND_HOUR
    bomb(range(91, 92), "somebody.else@example.com")
    assert len(emails()) == ORDERS_PER_ADDRESS_AND_HOUR + 1


def test_full_hour_ends_with_the_hour() -> None:
    bomb(range(ORDERS_PER_ADDRESS_AND_HOUR))
    later = NOW + timedelta(hours=1)
    order = an_order_created(order_id=order_id(99), customer=Customer(id="late", email=STRANGER))
    with frozen(later):
        deliver(a_delivery(order, time=later.isoformat()))
    assert len(emails()) == ORDERS_PER_ADDRESS_AND_HOUR + 1


def test_row_of_a_full_hour_fits_one_write_unit() -> None:
    bomb(range(ORDERS_PER_ADDRESS_AND_HOUR + 1))
    (full,) = [row for row in rows("CONTACTS_TABLE") if "orders" in row]
    assert len(json.dumps(full, default=sorted)) < WRITE_UNIT_BYTES


def test_order_rejected_as_fraud_sends_one_email() -> None:
    deliver(a_delivery(an_order_created()), a_delivery(FRAUD), a_delivery(a_payment_refunded()))
    assert [mail.subject.split()[0] for mail in emails()] == ["We"]
    deliver(a_delivery(FRAUD), a_delivery(a_payment_refunded()))
    assert len(emails()) == 1


def test_customer_of_confirmed_order_is_emailed_when_rejected() -> None:
    deliver(a_delivery(an_order_created()), a_delivery(an_order_confirmed()))
    deliver(a_delivery(FRAUD), a_delivery(a_payment_refunded()))
    assert [mail.body.split(".")[0] for mail in emails()][2] == "We are sorry: we could not verify the order"
    assert len(emails()) == 4


def test_receipt_is_sent_when_the_rejection_overtakes_it() -> None:
    created = a_delivery(an_order_created())
    with failing(ses(), "SendEmail", "TooManyRequestsException"):
        assert handle(a_batch(created), Context()) != NO_FAILURES
    deliver(a_delivery(FRAUD))
    assert emails() == []
    deliver(created, a_delivery(an_order_confirmed()), a_delivery(a_payment_refunded()))
    assert [mail.subject.split()[0] for mail in emails()] == ["We"]
