"""One order in any Unicode normal form, compatibility forms included, through both entry points."""

import json
from typing import Any, Literal
from unicodedata import normalize

import pytest

from functions.contracts.orders import OrderCreated
from functions.orders.handler import handle
from tests.unit.functions.account import dead_lettered, facts
from tests.unit.functions.builders import (
    NO_FAILURES,
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    a_document,
)
from tests.unit.functions.shop import BASKET, place

pytestmark = pytest.mark.usefixtures("catalogue")

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")
ALL_FORMS = pytest.mark.parametrize("form", FORMS)
NAMES = {"name": "Zoë Núñez \u212b", "street": "Łódź \uff11\uff12 \ufb01 가", "city": "São Paulo"}


def written(form: Form, **changes: str) -> dict[str, Any]:
    address = {**BASKET["ship_to"], **NAMES, **changes}
    return {name: normalize(form, text) for name, text in address.items()}


def by_http(form: Form, **changes: str) -> None:
    reply = place(key="basket-1", ship_to=written(form, **changes))
    assert reply.status == 202, reply.body


def by_bus(form: Form, *, is_escaped: bool = True, **changes: str) -> None:
    data = {**a_document(a_checkout_completed())["data"], "ship_to": written(form, **changes)}
    body = a_delivery(a_checkout_completed(), data=data)
    body = body if is_escaped else json.dumps(json.loads(body), ensure_ascii=False)
    assert handle(a_batch(body), Context()) == NO_FAILURES
    assert dead_lettered() == []


def created() -> OrderCreated:
    (fact,) = facts()
    assert isinstance(fact, OrderCreated)
    return fact


@ALL_FORMS
@pytest.mark.parametrize("other", FORMS)
def test_order_is_one_when_both_entry_points_are_used(form: Form, other: Form) -> None:
    by_http(form)
    by_bus(other)
    by_http(other)
    assert len(facts()) == 1


@ALL_FORMS
@pytest.mark.parametrize("other", FORMS)
def test_order_is_one_when_the_bus_comes_first(form: Form, other: Form) -> None:
    by_bus(form, is_escaped=False)
    by_http(other)
    by_bus(other)
    assert len(facts()) == 1


@ALL_FORMS
@pytest.mark.parametrize("place_order", [by_http, by_bus])
def test_order_is_created_in_normal_form_c(place_order: Any, form: Form) -> None:
    place_order(form)
    to = created().ship_to
    assert [to.name, to.street, to.city] == [normalize("NFC", text) for text in (to.name, to.street, to.city)]
    assert to.city == NAMES["city"]


@pytest.mark.parametrize("place_order", [by_http, by_bus])
def test_name_is_measured_in_normal_form_c(place_order: Any) -> None:
    place_order("NFD", name="é" * 100)
    assert created().ship_to.name == "é" * 100


def test_order_is_another_when_characters_differ() -> None:
    by_http("NFC")
    assert place(key="basket-1", ship_to=written("NFC", city="Sao Paulo")).code == "idempotency_key_reused"


def test_data_is_rejected_when_nested_too_deeply() -> None:
    body = a_delivery(a_checkout_completed(), data="\u00e9DEEP").replace(
        '"\\u00e9DEEP"', "[" * 900 + '"\\u00e9"' + "]" * 900
    )
    assert handle(a_batch(body), Context()) == NO_FAILURES
    assert [message.attributes["reason"] for message in dead_lettered()] == ["data_invalid"]
