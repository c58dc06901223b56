# Copied from functions/contracts/shipping.py by `python -m client_package`: change the original.
"""Facts that shipping publishes."""

from typing import Annotated, ClassVar

from msgspec import Meta

from orderbus_client.contracts.order_fact import OrderFact
from orderbus_client.contracts.values import Code

TrackingNumber = Annotated[str, Meta(pattern=r"^[A-Z0-9]{8,32}(?!\n)$")]


class ShipmentScheduled(OrderFact, frozen=True, kw_only=True):
    """The parcel is with this carrier."""

    owner: ClassVar[str] = "shipping"
    decision: ClassVar[str] = "shipment"

    carrier: Code
    tracking_number: TrackingNumber
