"""Tests that input from people is checked strictly, and that accepted facts stay readable."""

import json
import re
from time import process_time
from typing import Any, get_args

import pytest

from functions.contracts import inbound
from functions.contracts.orders import OrderConfirmed, OrderCreated
from functions.shared.contracts import codec
from tests.unit.functions.builders import a_document, an_order_confirmed, an_order_created

ENTERED = {
    "email": inbound.EnteredEmail,
    "text": inbound.EnteredText,
    "street": inbound.EnteredStreet,
    "postalCode": inbound.EnteredPostalCode,
    "country": inbound.EnteredCountry,
}


def pattern_of(kind: Any) -> str:
    pattern: str = get_args(kind)[1].pattern
    return pattern


@pytest.mark.parametrize(
    "earlier",
    [
        {
            "ship_to": {
                "name": "   ",
                "street": "\u202e",
                "city": "\u0085",
                "postal_code": "  ",
                "country": "ZZ",
            }
        },
        {"email": "a..b@-x-.com"},
        {"email": ".a%b+c@1.2.3.4"},
    ],
    ids=["address", "email", "numbers"],
)
def test_order_stays_readable_when_accepted_before(earlier: dict[str, Any]) -> None:
    document = a_document(an_order_created())
    document["data"] |= earlier
    assert isinstance(codec.read(json.dumps(document)).fact, OrderCreated)


@pytest.mark.parametrize("fact", [an_order_created(), an_order_confirmed()], ids=["created", "confirmed"])
def test_postal_code_is_absent_from_facts_when_unset(fact: OrderCreated | OrderConfirmed) -> None:
    document = a_document(fact)
    del document["data"]["ship_to"]["postal_code"]
    event = codec.read(json.dumps(document))
    assert json.loads(codec.write(event))["data"] == document["data"]


@pytest.mark.parametrize("kind", ENTERED.values(), ids=ENTERED)
@pytest.mark.parametrize(
    "text",
    [
        "a" * 60_000,
        "a." * 30_000,
        "a@" + "a." * 30_000,
        "a@" + "a-" * 30_000,
        "=?" * 30_000,
        "=?a?b?" * 10_000,
        " " * 60_000,
        "-" * 60_000,
        "." * 60_000 + "@",
    ],
    ids=lambda text: text[:6],
)
def test_pattern_takes_little_time_when_text_is_hostile(kind: Any, text: str) -> None:
    began = process_time()
    assert re.search(pattern_of(kind), text) is None
    assert process_time() - began < 0.2
