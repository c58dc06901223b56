"""Shipping ships a confirmed order once, and never one that was cancelled first."""

import re

import msgspec
import pytest

from functions.contracts.shipping import ShipmentScheduled
from functions.shipping.domain import schedule, tracking_number
from functions.shipping.handler import handle
from tests.unit.functions.account import facts, names_of_facts, rows
from tests.unit.functions.builders import (
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

pytestmark = pytest.mark.usefixtures("aws")

CONFIRMED = a_delivery(an_order_confirmed())
CANCELLED = a_delivery(an_order_cancelled())


def deliver(*bodies: str) -> BatchResponse:
    return handle(a_batch(*bodies), Context())


def statuses() -> dict[str, str]:
    return {row["order_id"]: row["status"] for row in rows("SHIPMENTS_TABLE")}


def test_confirmed_order_is_shipped() -> None:
    assert deliver(CONFIRMED) == NO_FAILURES
    (shipment,) = facts()
    assert isinstance(shipment, ShipmentScheduled)
    assert shipment == ShipmentScheduled(
        order_id=ORDER, carrier="royal_mail", tracking_number=tracking_number(ORDER)
    )
    assert rows("SHIPMENTS_TABLE") == [
        {
            "order_id": ORDER,
            "status": "scheduled",
            "carrier": "royal_mail",
            "tracking_number": shipment.tracking_number,
        }
    ]


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


def test_order_is_not_shipped_when_cancelled_before_confirmation() -> None:
    assert deliver(CANCELLED, CONFIRMED, CANCELLED, CONFIRMED) == NO_FAILURES
    assert facts() == []
    assert statuses() == {ORDER: "cancelled"}


def test_cancellation_after_the_shipment_changes_nothing() -> None:
    assert deliver(CONFIRMED, CANCELLED) == NO_FAILURES
    assert names_of_facts() == ["ShipmentScheduled"]
    assert statuses() == {ORDER: "scheduled"}


def test_tombstone_affects_its_order_only() -> None:
    assert deliver(CANCELLED, a_delivery(an_order_confirmed(order_id=OTHER_ORDER))) == NO_FAILURES
    assert statuses() == {ORDER: "cancelled", OTHER_ORDER: "scheduled"}
