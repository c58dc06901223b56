"""The same text is the same request in any Unicode normalization form, through either entry point."""

import json
from itertools import permutations
from typing import Any, Literal
from unicodedata import normalize

import pytest

from functions.contracts.orders import OrderCreated
from functions.contracts.values import Address
from functions.notifications.handler import handle as notify
from functions.orders.handler import handle as order
from functions.shared.runtime.received import Arrival, check_message
from tests.now import NOW
from tests.unit.functions.account import dead_lettered, emails, facts
from tests.unit.functions.builders import (
    NO_FAILURES,
    Context,
    a_batch,
    a_bus_event,
    a_checkout_completed,
    a_document,
    an_order_created,
)

pytestmark = pytest.mark.usefixtures("catalogue")

Form = Literal["NFC", "NFD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD")
ORDERS = tuple(permutations(FORMS))
NAME = "Jos\u00e9 M\u00fcller \u00c5ngstr\u00f6m"
ADDRESS = Address(name=NAME, street="Stra\u00dfe 1", city="K\u00f6ln", postal_code="50667", country="DE")
ARRIVAL = Arrival(at=NOW, account="123456789012", region="eu-west-1")


def in_form(form: Form, value: Any) -> Any:
    """The JSON value with every text, and every name of a field, in that form."""
    if isinstance(value, dict):
        return {in_form(form, name): in_form(form, each) for name, each in value.items()}
    if isinstance(value, list):
        return [in_form(form, each) for each in value]
    return normalize(form, value) if isinstance(value, str) else value


def delivered(form: Form, fact: Any, *, escaped: bool = False, **changes: Any) -> str:
    """The queue message of an event whose data has that form."""
    document = json.loads(json.dumps(a_document(fact, **changes)))
    event = a_bus_event({**document, "data": in_form(form, document["data"])})
    return json.dumps(event, ensure_ascii=escaped)


def test_forms_of_the_name_differ() -> None:
    assert len({normalize(form, NAME) for form in FORMS}) == 2


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("forms", ORDERS, ids=" then ".join)
def test_checkout_is_one_order_in_any_form(forms: tuple[Form, ...], *, escaped: bool) -> None:
    checkout = a_checkout_completed(ship_to=ADDRESS)
    for form in forms:
        assert order(a_batch(delivered(form, checkout, escaped=escaped)), Context()) == NO_FAILURES
    assert dead_lettered() == []
    (created,) = [fact for fact in facts() if isinstance(fact, OrderCreated)]
    assert created.ship_to == ADDRESS


@pytest.mark.parametrize("forms", ORDERS, ids=" then ".join)
def test_event_is_handled_once_in_any_form(forms: tuple[Form, ...]) -> None:
    created = an_order_created(ship_to=ADDRESS)
    for form in forms:
        assert notify(a_batch(delivered(form, created)), Context()) == NO_FAILURES
    assert dead_lettered() == []
    assert len(emails()) == 1


@pytest.mark.parametrize("escaped", [False, True])
def test_digest_is_the_same_in_any_form(*, escaped: bool) -> None:
    checkout = a_checkout_completed(ship_to=ADDRESS)
    accepted = [check_message(delivered(form, checkout, escaped=escaped), ARRIVAL) for form in FORMS]
    assert len({each.digest for each in accepted}) == 1
    assert accepted[0].event.fact == accepted[1].event.fact
