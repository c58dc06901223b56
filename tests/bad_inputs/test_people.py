"""Both entry points accept real people's emails and addresses, and reject impossible ones."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from functions.contracts.countries import COUNTRIES, WITHOUT_POSTAL_CODE
from functions.contracts.orders import OrderCreated
from functions.orders.handler import handle
from tests.unit.functions import account
from tests.unit.functions.account import dead_lettered, facts
from tests.unit.functions.builders import Context, a_batch, a_checkout_completed, a_delivery, a_document
from tests.unit.functions.shop import BASKET, place

pytestmark = pytest.mark.usefixtures("catalogue")

HOME: dict[str, Any] = BASKET["ship_to"]
ADDRESS = "ship_to"

LABEL = "x" * 63
EMAILS = (
    "k.o'hara@example.com",
    "kim&lee@example.com",
    "s=kim/o=acme@example.com",
    "!#$%&'*+-/=?^_`{|}~@example.com",
    "kim@mail.it.dept.campus.university.example",
    "x" * 64 + "@example.com",
    f"kim@{LABEL}.example",
    f"kim@{LABEL}.{LABEL}.{LABEL}.{'x' * 58}",
    "kim@1.2.3.example",
    "kim@xn--bcher-kva.example",
    "kim@example.xn--p1ai",
)
NO_EMAILS = (
    "",
    "kim",
    "@example.com",
    "a..b@example.com",
    ".a@example.com",
    "a.@example.com",
    "a@-example.com",
    "a@example-.com",
    "a@example.-com",
    "a@example.com-",
    "a@example..com",
    "a@.example.com",
    "a@example.com.",
    "a@example",
    "a@127.0.0.1",
    "a@[127.0.0.1]",
    "a@example.123",
    "a@b@example.com",
    "a,b@example.com",
    "a b@example.com",
    '"a b"@example.com',
    "Ada <ada@example.com>",
    "a@exa_mple.com",
    "x" * 65 + "@example.com",
    f"a@{LABEL}x.example",
    f"kimm@{LABEL}.{LABEL}.{LABEL}.{'x' * 58}",
    "кім@example.com",
    "kim@bücher.example",
    "=?utf-8?q?kim=40evil.example=3E?=@example.com",
    "ada@example.com\r\nBcc: eve@example.com",
    "ada@example.com\n",
)

TEXTS = ("O", "𠮷野", "O'Neil-Smith", "نی\u200cنی", "क्\u200dष", "Zoë", "x" * 100)
NO_TEXTS = (
    "",
    " ",
    "   ",
    "\u00a0\u2003\u3000",
    "\u00ad",
    "\u200c\u200d",
    "\u200e \u200f",
    "\u115f\u3164\u2800\ufe0f",
    "\U000e0041\U000e0042",
    "Ada\u0000",
    "Ada\u001b[2J",
    "Ada\u007f",
    "Ada\u0080",
    "Ada\u009b2J",
    "Ada\u009f",
    "\u202aadA",
    "\u202eadA",
    "\u2066Ada",
    "\u2069Ada",
    "Ada\u2028Lovelace",
    "Ada\u2029Lovelace",
    "Ada\u200bLovelace",
    "Ada\ufeff",
    "Ada\uffff",
)


def by_http(**changes: Any) -> bool:
    """Whether the HTTP API accepts the order."""
    reply = place(**changes)
    assert reply.status == 202 or reply.pointers, reply.body
    return reply.status == 202


def by_bus(**changes: Any) -> bool:
    """Whether orders accepts the checkout that a partner put on the ingress bus."""
    data = a_document(a_checkout_completed())["data"]
    body = a_delivery(a_checkout_completed(), data={**data, **changes})
    assert handle(a_batch(body), Context()) == {"batchItemFailures": []}
    rejected = [message.attributes["reason"] for message in dead_lettered()]
    assert rejected in ([], ["data_invalid"])
    return not rejected


Entry = Callable[..., bool]
AT_BOTH = pytest.mark.parametrize("accepts", [by_http, by_bus])


def accepted(accepts: Entry, changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes with which the order is accepted, each in an account without orders."""
    found = []
    for each in changes:
        account.deploy()
        account.price("TEAPOT", 2499)
        account.price("CUP", 650)
        if accepts(**each):
            assert created().email == each.get("email", BASKET["email"])
            found.append(each)
        else:
            assert facts() == []
    return found


def addresses(field: str, texts: Iterable[str | None]) -> list[dict[str, Any]]:
    """Return one change per text of a field of the address."""
    return [{"ship_to": at(**{field: text})} for text in texts]


def at(**changes: Any) -> dict[str, Any]:
    """Return the address with changes; None omits a field."""
    return {name: value for name, value in {**HOME, **changes}.items() if value is not None}


def created() -> OrderCreated:
    (fact,) = facts()
    assert isinstance(fact, OrderCreated)
    return fact


@AT_BOTH
def test_order_is_accepted_when_email_is_deliverable(accepts: Entry) -> None:
    changes = [{"email": email} for email in EMAILS]
    assert accepted(accepts, changes) == changes


@AT_BOTH
def test_order_is_rejected_when_email_is_undeliverable(accepts: Entry) -> None:
    assert accepted(accepts, [{"email": email} for email in NO_EMAILS]) == []


def test_problem_explains_when_mailbox_is_international() -> None:
    reply = place(email="кім@example.com")
    assert (reply.code, reply.pointers) == ("invalid", ["/email"])
    assert "international mailboxes are not supported" in reply.json()["detail"]


@AT_BOTH
@pytest.mark.parametrize("field", ["name", "street", "city"])
def test_order_is_accepted_when_text_is_visible(accepts: Entry, field: str) -> None:
    assert accepted(accepts, addresses(field, TEXTS)) == addresses(field, TEXTS)


@AT_BOTH
@pytest.mark.parametrize("field", ["name", "street", "city"])
def test_order_is_rejected_when_text_is_invisible(accepts: Entry, field: str) -> None:
    assert accepted(accepts, addresses(field, NO_TEXTS)) == []


@AT_BOTH
@pytest.mark.parametrize(("length", "fits"), [(101, True), (255, True), (256, False)])
def test_street_has_room_for_255_characters(accepts: Entry, length: int, *, fits: bool) -> None:
    assert accepts(ship_to=at(street="S" * length)) is fits


@AT_BOTH
@pytest.mark.parametrize("field", ["name", "city"])
def test_order_is_rejected_when_text_exceeds_100_characters(accepts: Entry, field: str) -> None:
    assert not accepts(ship_to=at(**{field: "S" * 101}))


@AT_BOTH
def test_order_is_rejected_when_country_is_unassigned(accepts: Entry) -> None:
    unassigned = ("ZZ", "AA", "QM", "XA", "UK", "EU", "AN", "gb", "GBR", "", "G")
    assert accepted(accepts, addresses("country", unassigned)) == []


@AT_BOTH
def test_order_is_accepted_when_country_is_assigned(accepts: Entry) -> None:
    changes = addresses("country", ("GB", "XK", "SS", "HK", "AX", "PS", "TW"))
    assert accepted(accepts, changes) == changes


def test_countries_are_those_of_iso_3166_and_kosovo() -> None:
    assert len(COUNTRIES) == len(set(COUNTRIES)) == 249 + 1
    assert set(COUNTRIES) > WITHOUT_POSTAL_CODE
    assert 60 <= len(WITHOUT_POSTAL_CODE) <= 75


@AT_BOTH
@pytest.mark.parametrize("code", [None, ""], ids=["absent", "empty"])
def test_postal_code_is_optional_when_country_has_none(accepts: Entry, code: str | None) -> None:
    for country in ("HK", "AE", "QA", "MO", "AO", "UG", "KP", "JM"):
        changes = [{"ship_to": at(country=country, postal_code=code)}]
        assert accepted(accepts, changes) == changes
        assert "postal_code" not in a_document(created())["data"]["ship_to"]


@AT_BOTH
def test_postal_code_is_required_when_country_has_them(accepts: Entry) -> None:
    countries = ("GB", "DE", "US", "FR", "JP", "SG", "XK")
    places = [at(country=country, postal_code=code) for country in countries for code in (None, "")]
    assert accepted(accepts, [{"ship_to": place} for place in places]) == []


@pytest.mark.parametrize("code", [None, "", " ", "  ", "--", "1", "1\n", "x" * 13], ids=ascii)
def test_problem_names_the_postal_code_when_invalid(code: str | None) -> None:
    reply = place(ship_to=at(postal_code=code))
    assert (reply.status, reply.pointers) in [
        (422, ["/ship_to/postal_code"]),
        (400, ["/ship_to/postal_code"]),
    ]


@AT_BOTH
@pytest.mark.parametrize("code", [" ", "  ", "--", "1", "x" * 13], ids=ascii)
def test_order_is_rejected_when_postal_code_is_none(accepts: Entry, code: str) -> None:
    assert not accepts(ship_to=at(postal_code=code))


@AT_BOTH
def test_postal_code_is_never_null(accepts: Entry) -> None:
    assert not accepts(ship_to={**at(country="HK"), "postal_code": None})


@AT_BOTH
def test_postal_code_is_kept_when_country_has_none(accepts: Entry) -> None:
    assert accepts(ship_to=at(country="HK", postal_code="00000"))
    assert created().ship_to.postal_code == "00000"


def test_order_is_same_when_postal_code_is_empty() -> None:
    first = place(ship_to=at(country="HK", postal_code=None))
    again = place(ship_to=at(country="HK", postal_code=""))
    assert [first.status, again.status] == [202, 202]
    assert again.headers["idempotent-replayed"] == "true"
    assert len(facts()) == 1
