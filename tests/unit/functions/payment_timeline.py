"""The timeline of a payment: messages arrive, and schedules start."""

from datetime import timedelta

from functions.contracts.values import Money
from functions.payments import reconciliation
from functions.payments.handler import handle
from tests.now import NOW, frozen
from tests.unit.functions.account import rows
from tests.unit.functions.builders import (
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    an_inventory_reserved,
    an_order_cancelled,
)

RESERVED = a_delivery(an_inventory_reserved())
DECLINED = a_delivery(an_inventory_reserved(payment_method="pm_card_chargeDeclined"))
FREE = a_delivery(an_inventory_reserved(total=Money(amount=0, currency="GBP")))
CANCELLED = a_delivery(an_order_cancelled())
CHARGING = 3
"""Calls that a charge makes; the second is the gateway's."""
DAY = 24 * 60


def deliver_at(minute: float, *bodies: str) -> BatchResponse:
    with frozen(NOW + timedelta(minutes=minute)):
        return handle(a_batch(*bodies), Context())


def look_at(minute: float, context: Context | None = None) -> None:
    """Run the schedules that start at this time after `NOW`."""
    when = NOW + timedelta(minutes=minute)
    with frozen(when):
        reconciliation.handle({"time": when.strftime("%Y-%m-%dT%H:%M:%SZ")}, context or Context())


def look_every(minutes: int, first: int, last: int = 40) -> None:
    for minute in range(first, last, minutes):
        look_at(minute)


def requests() -> list[str]:
    """Return the charges and refunds of the gateway, except declined ones."""
    done = [row for row in rows("GATEWAY_TABLE") if '"captured":false' not in row["outcome"]]
    return sorted(row["request"].split()[0] for row in done)


def attempt() -> dict[str, str]:
    (row,) = rows("ATTEMPTS_TABLE")
    return row
