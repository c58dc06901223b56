"""When the heartbeat places which order, and what the orders so far say."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from functions.contracts import heartbeat
from functions.contracts.inbound import EnteredAddress
from functions.contracts.storefront import CheckoutCompleted
from functions.contracts.values import PricedLine, StockLine
from functions.contracts.warehouse import StockReplenished

CUSTOMER = "schedule"
"""The customer of the scheduled orders, within the heartbeat's party."""
MINUTE = timedelta(minutes=1)
LOOKBACK = timedelta(hours=1)
"""Maximum age of an order that is checked; longer than any setting of the alarm."""


class Sending(msgspec.Struct, frozen=True):
    """An event for the ingress bus, and the key of the order that it is about."""

    key: str
    fact: CheckoutCompleted | StockReplenished


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """The findings about the synthetic orders of the last hour."""

    age: timedelta
    """The time since the start of the latest order that was shipped; the lookback if there is none."""
    durations: tuple[timedelta, ...]
    """From start to shipment, of the orders shipped in the last minute."""


def due(now: datetime, every_minutes: int) -> Sending | None:
    """Return what to send in this minute: an order, in the minute before its unit of stock, or nothing."""
    if minutes_since_start(now, every_minutes) == 0:
        key = heartbeat.key_of(now)
        return Sending(key, checkout(CUSTOMER, key))
    if minutes_since_start(now + MINUTE, every_minutes) == 0:
        key = heartbeat.key_of(now + MINUTE)
        return Sending(key, delivery(CUSTOMER, key))
    return None


def minutes_since_start(now: datetime, every_minutes: int) -> int:
    """Return the minutes since the latest order was due: 0 in its own minute."""
    return int(now.timestamp()) // 60 % every_minutes


def starts(now: datetime, every_minutes: int) -> list[datetime]:
    """Return when the orders of the lookback were placed, the latest first."""
    latest = now - minutes_since_start(now, every_minutes) * MINUTE
    period = every_minutes * MINUTE
    return [latest - index * period for index in range(LOOKBACK // period)]


def pulse(shipped: Mapping[datetime, datetime], now: datetime) -> Pulse:
    """Return the pulse from the time of each shipment by the start of its order."""
    latest = max(shipped, default=now - LOOKBACK)
    durations = (end - start for start, end in shipped.items() if now - MINUTE < end <= now)
    return Pulse(age=now - latest, durations=tuple(durations))


def checkout(customer: str, key: str) -> CheckoutCompleted:
    """Return the checkout of an order of one unit, for nothing, to nowhere."""
    return CheckoutCompleted(
        idempotency_key=key,
        customer_id=customer,
        email=heartbeat.EMAIL,
        ship_to=EnteredAddress(
            name="Heartbeat", street="No parcel", city="Nowhere", postal_code="00000", country="US"
        ),
        currency="USD",
        payment_method="pm_heartbeat",
        lines=(PricedLine(sku=heartbeat.SKU, quantity=1, unit_price=0),),
    )


def delivery(customer: str, key: str) -> StockReplenished:
    """Return the delivery of the unit that the order of that key takes."""
    lines = (StockLine(sku=heartbeat.SKU, quantity=1),)
    return StockReplenished(replenishment_id=f"{customer}-{key}", lines=lines)
