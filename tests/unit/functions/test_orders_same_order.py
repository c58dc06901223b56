"""Comparison of a repeated request with the order that exists for its idempotency key."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from contract_files.examples import example_of
from functions.contracts.orders import OrderCreated
from functions.contracts.storefront import CheckoutCompleted
from functions.orders.domain import PRICES, RequestedOrder, create_from, same_order
from functions.orders.request import OrderRequest
from functions.shared.contracts.codec import is_valid
from tests.contract.documents import places, replaced
from tests.unit.functions.builders import (
    CUPS,
    LONDON,
    TEAPOT,
    a_checkout_completed,
    a_requested_order,
    an_order_created,
)

ORDER: Any = example_of(OrderCreated, full=True)
CHECKOUT: Any = example_of(CheckoutCompleted, full=True)
PRICED = {*PRICES, "amount", "currency"}


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def changes_of(document: Any, kind: type[msgspec.Struct]) -> list[Any]:
    """Return the document with each of its values changed, one at a time; all are valid."""
    changed = []
    for path in places(document):
        value = at(document, path)
        if isinstance(value, dict | list) or PRICED & set(path):
            continue
        others = [value + 1] if isinstance(value, int) else [f"{value[:-1]}2", "OTHER", "FR"]
        valid = [other for other in others if is_valid(replaced(document, path, other), kind)]
        assert valid, f"no other value of {path}"
        changed.append(pytest.param(replaced(document, path, valid[0]), id=".".join(map(str, path))))
    return changed


class AnnotatedOrder(OrderCreated, frozen=True, kw_only=True):
    """An order with a field more."""

    note: str | UnsetType = UNSET


@pytest.mark.parametrize("changed", changes_of(ORDER, OrderCreated))
def test_order_is_different_when_any_field_differs(changed: Any) -> None:
    existing = msgspec.convert(ORDER, OrderCreated)
    assert same_order(existing, existing)
    assert not same_order(existing, msgspec.convert(changed, OrderCreated))


@pytest.mark.parametrize("changed", changes_of(CHECKOUT, CheckoutCompleted))
def test_checkout_is_different_when_any_field_differs(changed: Any) -> None:
    existing = create_from(msgspec.convert(CHECKOUT, CheckoutCompleted))
    assert not same_order(existing, create_from(msgspec.convert(changed, CheckoutCompleted)))


@pytest.mark.parametrize("note", ["other", UNSET])
def test_field_that_a_class_adds_is_compared(note: str | UnsetType) -> None:
    fields = msgspec.structs.asdict(an_order_created())
    existing = AnnotatedOrder(**fields, note="fragile")
    assert same_order(existing, AnnotatedOrder(**fields, note="fragile"))
    assert not same_order(existing, AnnotatedOrder(**fields, note=note))


def test_requested_order_has_every_field_but_prices() -> None:
    assert set(RequestedOrder.__struct_fields__) == set(OrderCreated.__struct_fields__) - PRICES


def test_request_has_every_field_that_a_customer_decides() -> None:
    names = set(RequestedOrder.__struct_fields__)
    assert set(OrderRequest.__struct_fields__) - {"total"} == names - {"order_id", "customer_id"}


def test_requested_order_is_compared_without_prices() -> None:
    assert same_order(an_order_created(), a_requested_order())
    assert not same_order(an_order_created(), a_requested_order(payment_method="pm_other"))


def test_order_is_the_same_at_other_prices() -> None:
    cheaper = msgspec.structs.replace(TEAPOT, unit_price=1)
    assert same_order(an_order_created(), an_order_created(lines=(cheaper, CUPS)))
    checkout = a_checkout_completed(currency="EUR")
    assert same_order(create_from(a_checkout_completed()), create_from(checkout))


def test_order_is_the_same_when_lines_are_reordered() -> None:
    assert same_order(an_order_created(), an_order_created(lines=(CUPS, TEAPOT)))


def test_order_is_the_same_when_characters_are_equivalent() -> None:
    full_width = msgspec.structs.replace(LONDON, street="\uff11\uff12 St James's Square")
    assert same_order(an_order_created(), an_order_created(ship_to=full_width))
