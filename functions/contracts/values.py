"""The values of facts: each type rejects what the JSON Schema rejects."""

from typing import Annotated, Literal
from uuid import UUID, uuid5

from msgspec import UNSET, Meta, Struct, UnsetType

from functions.shared.contracts.codec import is_valid
from functions.shared.contracts.party import CustomerId

NAMESPACE = UUID("6f3d7a52-9f0e-5b8c-8a44-0d2f5f6e7b11")
"""The namespace of every id that Orderbus derives; another one would make every decision new."""

# `(?!\n)$`: in Python `$` also matches before a final newline, which would let one into keys and logs.
# A title names the definition in the published schemas; the first example is the one in published events.
OrderId = Annotated[
    str,
    Meta(
        title="OrderId",
        pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\n)$",
        description="A UUID; the same for the same customer and idempotency key.",
        examples=["0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"],
    ),
]
IdempotencyKey = Annotated[
    str,
    Meta(
        title="IdempotencyKey",
        pattern=r"^[!-~]{1,255}(?!\n)$",
        description="The customer's own name for this request, the same each time it is sent.",
        examples=["checkout-1842-07-10"],
    ),
]
Sku = Annotated[
    str,
    Meta(title="Sku", pattern=r"^[A-Z0-9][A-Z0-9-]{0,39}(?!\n)$", description="An SKU.", examples=["TEAPOT"]),
]
Quantity = Annotated[int, Meta(title="Quantity", ge=1, le=99, examples=[1])]
StockQuantity = Annotated[int, Meta(title="StockQuantity", ge=1, le=1_000_000, examples=[500])]
StockLevel = Annotated[int, Meta(title="StockLevel", ge=0, le=1_000_000_000, examples=[4])]
Replenishments = Annotated[
    int,
    Meta(
        title="Replenishments",
        ge=0,
        le=1_000_000_000,
        description="The number of replenishments of the SKU by then.",
        examples=[12],
    ),
]
ReplenishmentId = Annotated[
    str,
    Meta(
        title="ReplenishmentId",
        pattern=r"^[A-Za-z0-9._-]{1,64}(?!\n)$",
        description="The delivery's own id, which identifies these lines for ever.",
        examples=["delivery-2026-11-23-1"],
    ),
]
AdditionId = Annotated[
    str,
    Meta(
        title="AdditionId",
        pattern=r"^[A-Za-z0-9._:-]{1,128}(?!\n)$",
        description="The delivery's own id, prefixed with the account and source of a warehouse in another"
        " account.",
        examples=["delivery-2026-11-23-1"],
    ),
]
_MINOR_UNITS = "Minor units (cents; yen)."
UnitPrice = Annotated[
    int, Meta(title="UnitPrice", ge=0, le=100_000_000, description=_MINOR_UNITS, examples=[2499])
]
Amount = Annotated[
    int, Meta(title="Amount", ge=0, le=1_000_000_000_000, description=_MINOR_UNITS, examples=[5099])
]
Currency = Annotated[
    Literal["AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "JPY", "NOK", "NZD", "PLN", "SEK", "USD"],
    Meta(title="Currency", description="ISO 4217.", examples=["GBP"]),
]
PaymentMethod = Annotated[
    str,
    Meta(
        title="PaymentMethod",
        pattern=r"^pm_[A-Za-z0-9_]{1,60}(?!\n)$",
        description="The gateway's opaque token; never a card number.",
        examples=["pm_card_visa"],
    ),
]
PaymentId = Annotated[
    str,
    Meta(
        title="PaymentId",
        pattern=r"^[A-Za-z0-9_-]{1,80}(?!\n)$",
        description="The gateway's own id.",
        examples=["ch_sim_1f0c5b2f7c9a4e3d8b6a5c41"],
    ),
]
# Input from people is checked more strictly (`inbound.py`). These types only widen, as facts are read back
# from the event log.
Email = Annotated[
    str,
    Meta(
        title="Email",
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}([.][A-Za-z0-9-]{1,63}){1,126}(?!\n)$",
        description="The address for emails about the order.",
        examples=["ada@example.com"],
    ),
]
Text = Annotated[
    str,
    Meta(title="Text", pattern=r"^[^\x00-\x1f\x7f]{1,100}(?!\n)$", description="One line of text."),
]
GiftMessage = Annotated[
    str,
    Meta(
        title="GiftMessage",
        pattern=r"^[^\x00-\x1f\x7f]{1,200}(?!\n)$",
        description="One line of plain text for the recipient of the parcel. It is personal data.",
        examples=["Happy birthday, Charles!"],
    ),
]
Street = Annotated[
    str,
    Meta(
        title="Street",
        pattern=r"^[^\x00-\x1f\x7f]{1,255}(?!\n)$",
        description="Street and number in one line.",
        examples=["12 St James's Square"],
    ),
]
PostalCode = Annotated[
    str,
    Meta(
        title="PostalCode",
        pattern=r"^[A-Za-z0-9 -]{2,12}(?!\n)$",
        description="A postal code; absent if the country has none.",
        examples=["SW1Y 4JH"],
    ),
]
Country = Annotated[
    str,
    Meta(
        title="Country",
        pattern=r"^[A-Z]{2}(?!\n)$",
        description="ISO 3166-1 alpha-2.",
        examples=["GB"],
    ),
]
Code = Annotated[
    str,
    Meta(title="Code", pattern=r"^[a-z][a-z0-9_]{0,39}(?!\n)$", description="A code for programs."),
]


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

    name: Annotated[Text, Meta(examples=["Ada Lovelace"])]
    street: Street
    city: Annotated[Text, Meta(examples=["London"])]
    postal_code: PostalCode | UnsetType = UNSET
    country: Country


class Customer(Struct, frozen=True, kw_only=True):
    """The customer of an order, and their email address."""

    id: CustomerId
    email: Email


# A reservation or a replenishment is one DynamoDB transaction of at most 100 writes, one of them the fact.
Lines = Annotated[
    tuple[Line, ...],
    Meta(
        title="Lines",
        min_length=1,
        max_length=99,
        examples=[[{"sku": "TEAPOT", "quantity": 1}, {"sku": "CUP", "quantity": 4}]],
    ),
]
PricedLines = Annotated[
    tuple[PricedLine, ...],
    Meta(
        title="PricedLines",
        min_length=1,
        max_length=99,
        examples=[
            [
                {"sku": "TEAPOT", "quantity": 1, "unit_price": 2499},
                {"sku": "CUP", "quantity": 4, "unit_price": 650},
            ]
        ],
    ),
]
StockLines = Annotated[
    tuple[StockLine, ...],
    Meta(
        title="StockLines",
        min_length=1,
        max_length=99,
        examples=[[{"sku": "TEAPOT", "quantity": 500}, {"sku": "CUP", "quantity": 2000}]],
    ),
]


def order_id_of(customer_id: str, idempotency_key: str) -> str:
    """Return the id of a customer's order: the same for the same key, at both entry points."""
    return str(uuid5(NAMESPACE, f"order|{customer_id}|{idempotency_key}"))


def is_order_id(text: str) -> bool:
    """Return whether the text has the form of an order id."""
    return is_valid(text, OrderId)


def is_code(text: str) -> bool:
    """Return whether the text can be a reason in a fact."""
    return is_valid(text, Code)
