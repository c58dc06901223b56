"""Shipping ships a confirmed order once, and never one that was cancelled first."""

import re

import msgspec
import pytest

from functions.contracts.shipping import ShipmentScheduled
from functions.orders.store import commit_cancellation_of_confirmed
from functions.shared.event_store.event_log import EventLog
from functions.shared.runtime.clients import dynamodb
from functions.shipping.domain import schedule, tracking_number
from functions.shipping.handler import handle
from tests.now import NOW
from tests.unit.functions.account import facts, names_of_facts
from tests.unit.functions.aws_faults import meanwhile
from tests.unit.functions.builders import (
    CAUSE,
    LONDON,
    NO_FAILURES,
    ORDER,
    OTHER_ORDER,
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    an_order_cancelled,
    an_order_confirmed,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

CONFIRMED = a_delivery(an_order_confirmed())
LOG = EventLog(clock=lambda: NOW)


def deliver(*bodies: str) -> BatchResponse:
    return handle(a_batch(*bodies), Context())


def test_confirmed_order_is_shipped() -> None:
    assert deliver(CONFIRMED) == NO_FAILURES
    (shipment,) = facts()
    assert isinstance(shipment, ShipmentScheduled)
    assert shipment == ShipmentScheduled(
        order_id=ORDER, carrier="royal_mail", tracking_number=tracking_number(ORDER)
    )


def test_shipment_carries_the_gift_message() -> None:
    assert schedule(an_order_confirmed(gift_message="For Charles")).gift_message == "For Charles"


@pytest.mark.parametrize(
    ("country", "carrier"),
    [
        ("DE", "dhl"),
        ("FR", "colissimo"),
        ("GB", "royal_mail"),
        ("NL", "postnl"),
        ("US", "usps"),
        ("JP", "dhl_express"),
    ],
)
def test_carrier_depends_on_the_country(country: str, carrier: str) -> None:
    address = msgspec.structs.replace(LONDON, country=country)
    assert schedule(an_order_confirmed(ship_to=address)).carrier == carrier


def test_tracking_number_depends_on_the_order_only() -> None:
    assert tracking_number(ORDER) == tracking_number(ORDER) != tracking_number(OTHER_ORDER)
    assert re.fullmatch(r"OB[A-Z2-7]{14}", tracking_number(ORDER))


def test_order_is_not_shipped_when_cancelled_before() -> None:
    commit_cancellation_of_confirmed(an_order_cancelled(), cause=CAUSE)
    assert deliver(CONFIRMED, CONFIRMED) == NO_FAILURES
    assert names_of_facts() == ["OrderCancelled"]


def test_cancellation_affects_its_order_only() -> None:
    commit_cancellation_of_confirmed(an_order_cancelled(), cause=CAUSE)
    assert deliver(a_delivery(an_order_confirmed(order_id=OTHER_ORDER))) == NO_FAILURES
    assert names_of_facts() == ["OrderCancelled", "ShipmentScheduled"]


def test_order_is_not_shipped_when_cancelled_meanwhile() -> None:
    def cancel() -> None:
        commit_cancellation_of_confirmed(an_order_cancelled(), cause=CAUSE)

    with meanwhile(dynamodb(), "TransactWriteItems", cancel):
        assert deliver(CONFIRMED) == NO_FAILURES
    assert names_of_facts() == ["OrderCancelled"]


def test_shipped_order_is_counted_once(output: Output) -> None:
    assert deliver(CONFIRMED, CONFIRMED) == NO_FAILURES
    assert output.counted_by("OrderEnded", "outcome") == {"shipped": 1}
