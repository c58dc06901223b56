"""Comparison of a repeated request with the order that exists for its idempotency key."""

from typing import Any

import msgspec
import pytest

from functions.contracts.orders import OrderCreated
from functions.contracts.values import Address, Customer, Line
from functions.orders.domain import RequestedOrder, request_of, same_order
from tests.unit.functions.builders import CUPS, LONDON, OTHER_ORDER, TEAPOT, an_order_created

PRICES = {"total"}
"""The fields of `OrderCreated` that the customer does not decide."""
CHANGES: dict[str, list[Any]] = {
    "order_id": [OTHER_ORDER],
    "customer": [
        Customer(id="grace", email="ada@example.com"),
        Customer(id="ada", email="other@example.com"),
    ],
    "ship_to": [
        msgspec.structs.replace(LONDON, **{field: value})
        for field, value in {
            "name": "Grace Hopper",
            "street": "13 St James's Square",
            "city": "Leeds",
            "postal_code": msgspec.UNSET,
            "country": "IE",
        }.items()
    ],
    "lines": [
        (TEAPOT,),
        (TEAPOT, msgspec.structs.replace(CUPS, quantity=5)),
        (TEAPOT, msgspec.structs.replace(CUPS, sku="MUG")),
    ],
    "payment_method": ["pm_other"],
}
"""Other values of each field; a new field needs a row here."""


def test_requested_order_has_every_field_but_prices() -> None:
    assert set(RequestedOrder.__struct_fields__) == set(OrderCreated.__struct_fields__) - PRICES
    assert set(CHANGES) == set(RequestedOrder.__struct_fields__)


def test_changes_cover_every_field_of_address_customer_and_line() -> None:
    existing = an_order_created()
    for kind, changed, original in (
        (Address, CHANGES["ship_to"], existing.ship_to),
        (Customer, CHANGES["customer"], existing.customer),
    ):
        differing = {
            field
            for each in changed
            for field in kind.__struct_fields__
            if getattr(each, field) != getattr(original, field)
        }
        assert differing == set(kind.__struct_fields__)
    assert Line.__struct_fields__ == ("sku", "quantity")


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in CHANGES.items() for value in values], ids=str
)
def test_order_is_different_when_any_field_differs(field: str, value: object) -> None:
    existing = an_order_created()
    changed = msgspec.structs.replace(existing, **{field: value})
    assert same_order(existing, request_of(existing))
    assert not same_order(existing, request_of(changed))


def test_order_is_the_same_at_other_prices() -> None:
    cheaper = msgspec.structs.replace(TEAPOT, unit_price=1)
    changed = an_order_created(lines=(cheaper, CUPS), total=an_order_created().total)
    assert same_order(an_order_created(), request_of(changed))


def test_order_is_the_same_when_lines_are_reordered() -> None:
    assert same_order(an_order_created(), request_of(an_order_created(lines=(CUPS, TEAPOT))))


def test_order_is_the_same_when_characters_are_equivalent() -> None:
    full_width = msgspec.structs.replace(LONDON, street="\uff11\uff12 St James's Square")
    assert same_order(an_order_created(), request_of(an_order_created(ship_to=full_width)))
