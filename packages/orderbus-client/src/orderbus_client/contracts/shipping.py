# Copied from functions/contracts/shipping.py by `python -m client_package`: change the original.
"""Facts that shipping publishes."""

from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, UnsetType

from orderbus_client.contracts.order_fact import OrderFact
from orderbus_client.contracts.values import Code, GiftMessage

TrackingNumber = Annotated[
    str,
    Meta(
        title="TrackingNumber",
        pattern=r"^[A-Z0-9]{8,32}(?!\n)$",
        description="The carrier's name for the parcel.",
        examples=["OBK7Q2M4XW3RT5YA"],
    ),
]


class ShipmentScheduled(OrderFact, frozen=True, kw_only=True):
    """The parcel is with this carrier."""

    owner: ClassVar[str] = "shipping"
    decision: ClassVar[str] = "shipment"

    carrier: Annotated[Code, Meta(examples=["royal_mail"])]
    tracking_number: TrackingNumber
    gift_message: GiftMessage | UnsetType = UNSET
