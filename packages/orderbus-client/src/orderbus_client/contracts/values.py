# Copied from functions/contracts/values.py by `python -m client_package`: change the original.
"""The values of facts: each type rejects what the JSON Schema rejects."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from orderbus_client.contracts.shared.codec import is_valid
from orderbus_client.contracts.shared.party import CustomerId

NAMESPACE = UUID("6f3d7a52-9f0e-5b8c-8a44-0d2f5f6e7b11")
"""The namespace of every id that Orderbus derives; another one would make every decision new."""

# `(?!\n)$`: in Python `$` also matches before a final newline, which would let one into keys and logs.
OrderId = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\n)$")]
IdempotencyKey = Annotated[str, Meta(pattern=r"^[!-~]{1,255}(?!\n)$")]
Sku = Annotated[str, Meta(pattern=r"^[A-Z0-9][A-Z0-9-]{0,39}(?!\n)$")]
Quantity = Annotated[int, Meta(ge=1, le=99)]
StockQuantity = Annotated[int, Meta(ge=1, le=1_000_000)]
StockLevel = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Replenishments = Annotated[int, Meta(ge=0, le=1_000_000_000)]
ReplenishmentId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}(?!\n)$")]
AdditionId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,128}(?!\n)$")]
"""A replenishment's id, prefixed with the account and the source of another party."""
UnitPrice = Annotated[int, Meta(ge=0, le=100_000_000)]
Amount = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]
Currency = Literal["AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "JPY", "NOK", "NZD", "PLN", "SEK", "USD"]
PaymentMethod = Annotated[str, Meta(pattern=r"^pm_[A-Za-z0-9_]{1,60}(?!\n)$")]
PaymentId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,80}(?!\n)$")]
# Input from people is checked more strictly (`inbound.py`). These types only widen, as facts are read back
# from the event log.
Email = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}([.][A-Za-z0-9-]{1,63}){1,126}(?!\n)$"
    ),
]
Text = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{1,100}(?!\n)$")]
Street = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{1,255}(?!\n)$")]
PostalCode = Annotated[str, Meta(pattern=r"^[A-Za-z0-9 -]{2,12}(?!\n)$")]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}(?!\n)$")]
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}(?!\n)$")]


class Money(Struct, frozen=True, kw_only=True):
    """An amount in minor units (cents; yen) of one currency."""

    amount: Amount
    currency: Currency


class Line(Struct, frozen=True, kw_only=True):
    """A quantity of one SKU."""

    sku: Sku
    quantity: Quantity


class StockLine(Struct, frozen=True, kw_only=True):
    """A quantity of one SKU in a delivery."""

    sku: Sku
    quantity: StockQuantity


class PricedLine(Struct, frozen=True, kw_only=True):
    """A quantity of one SKU at a unit price in minor units."""

    sku: Sku
    quantity: Quantity
    unit_price: UnitPrice


class Address(Struct, frozen=True, kw_only=True):
    """The address of a parcel; about 70 countries have no postal codes."""

    name: Text
    street: Street
    city: Text
    postal_code: PostalCode | UnsetType = UNSET
    country: Country


class Customer(Struct, frozen=True, kw_only=True):
    """The customer of an order, and their email address."""

    id: CustomerId
    email: Email


# A reservation or a replenishment is one DynamoDB transaction of at most 100 writes, one of them the fact.
Lines = Annotated[tuple[Line, ...], Meta(min_length=1, max_length=99)]
PricedLines = Annotated[tuple[PricedLine, ...], Meta(min_length=1, max_length=99)]
StockLines = Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=99)]


def is_order_id(text: str) -> bool:
    """Return whether the text has the form of an order id."""
    return is_valid(text, OrderId)


def is_code(text: str) -> bool:
    """Return whether the text can be a reason in a fact."""
    return is_valid(text, Code)
