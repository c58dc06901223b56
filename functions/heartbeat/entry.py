"""The events of the heartbeat as entries for the ingress bus."""

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from functions.contracts import heartbeat
from functions.contracts.storefront import CheckoutCompleted
from functions.contracts.warehouse import StockReplenished
from functions.shared.contracts.codec import write
from functions.shared.contracts.envelope import Event, event_id, origin

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


def entry_of(
    fact: CheckoutCompleted | StockReplenished,
    *,
    bus: str,
    order_id: str,
    time: datetime,
) -> "PutEventsRequestEntryTypeDef":
    """Return the entry for `PutEvents`; a repeated one has the same id, so its consumer handles it once."""
    name = type(fact).__name__
    event = Event(
        id=event_id(heartbeat.SOURCE, order_id, name),
        subject=order_id,
        time=time,
        cause=replace(origin(f"{heartbeat.SOURCE}|{order_id}"), id=order_id, correlation_id=order_id),
        fact=fact,
        major=fact.version,
    )
    return {
        "EventBusName": bus,
        "Source": heartbeat.SOURCE,
        "DetailType": name,
        "Detail": write(event, source=heartbeat.SOURCE),
    }
