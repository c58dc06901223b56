"""A reservation and its order's cancellation meet: no stock stays reserved for a cancelled order."""

import pytest

from functions.contracts.inventory import InventoryRejected
from functions.inventory.handler import handle
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import available_stock, facts, names_of_facts, stock
from tests.unit.functions.aws_faults import (
    Crash,
    Dying,
    a_crash_publishes_no_metrics,
    dying_after,
    dying_before,
    meanwhile,
    recorded_calls,
)
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    Context,
    a_batch,
    a_delivery,
    an_order_cancelled,
    an_order_created,
)

pytestmark = pytest.mark.usefixtures("aws")

CREATED = a_delivery(an_order_created())
CANCELLED = a_delivery(an_order_cancelled())
FULL = {"TEAPOT": 3, "CUP": 10}
CALLS = 4
"""Calls of the cancellation (a read, a tombstone that comes too late, the release), and the reservation
before the second of them."""


def deliver(*bodies: str) -> None:
    assert handle(a_batch(*bodies), Context()) == NO_FAILURES


def test_reservation_is_released_when_made_during_its_cancellation() -> None:
    stock(**FULL)
    with (
        recorded_calls(dynamodb()) as made,
        meanwhile(dynamodb(), "PutItem", lambda: deliver(CREATED)),
    ):
        deliver(CANCELLED)
    assert made == ["GetItem", "TransactWriteItems", "PutItem", "TransactWriteItems"]
    assert names_of_facts() == ["InventoryReserved", "InventoryReleased"]
    assert available_stock() == FULL


def test_order_reserves_nothing_when_cancelled_during_reservation() -> None:
    stock(**FULL)
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: deliver(CANCELLED)):
        deliver(CREATED)
    assert facts() == [InventoryRejected(order_id=ORDER, reason="order_cancelled", skus=())]
    assert available_stock() == FULL


def test_cancellation_releases_nothing_after_a_concurrent_rejection() -> None:
    stock(TEAPOT=0, CUP=10)
    with meanwhile(dynamodb(), "PutItem", lambda: deliver(CREATED)):
        deliver(CANCELLED)
    assert names_of_facts() == ["InventoryRejected"]
    assert available_stock() == {"TEAPOT": 0, "CUP": 10}


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("dying", [dying_before, dying_after])
@pytest.mark.parametrize("nth", range(CALLS))
def test_nothing_stays_reserved_after_crash_of_both(nth: int, dying: Dying) -> None:
    stock(**FULL)
    with (
        pytest.raises(Crash),
        meanwhile(dynamodb(), "PutItem", lambda: deliver(CREATED)),
        dying(dynamodb(), nth=nth),
    ):
        deliver(CANCELLED)
    deliver(CREATED, CANCELLED, CREATED)
    assert set(names_of_facts()) in ({"InventoryReserved", "InventoryReleased"}, {"InventoryRejected"})
    assert available_stock() == FULL
