"""A request that is not as it should be gets a clear answer, changes nothing, and hears nothing of itself."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.unit.functions.account import everything, facts
from tests.unit.functions.output import Output
from tests.unit.functions.shop import BASKET, PATH, place, post

pytestmark = pytest.mark.usefixtures("catalogue")

CANARY = "c4n4ry"
GOOD = json.dumps(BASKET)
LIMIT = 64 * 1024
ENCODED = base64.b64encode(GOOD.encode()).decode()


def with_quantity(text: str) -> str:
    return GOOD.replace('"quantity": 1', f'"quantity": {text}')


def with_name(text: str) -> str:
    return GOOD.replace('"Ada Lovelace"', text)


def basket(**changes: Any) -> str:
    return json.dumps({**BASKET, **changes})


def without(*path: Any) -> str:
    document = json.loads(GOOD)
    below = document
    for step in path[:-1]:
        below = below[step]
    del below[path[-1]]
    return json.dumps(document)


def total(amount: float, currency: str = "GBP") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@dataclass(frozen=True)
class Case:
    """A request body, and what it must get."""

    name: str
    body: str | None
    status: int
    code: str
    pointer: str | None = None
    extras: dict[str, Any] = field(default_factory=dict)


CASES = (
    Case("H1 no body", None, 400, "body_missing"),
    Case("H1 empty body", "", 400, "body_missing"),
    Case("H1 blank body", " \r\n\t", 400, "body_missing"),
    Case("H2 not JSON", "{", 400, "json_invalid"),
    Case("H2 text after the JSON", GOOD + CANARY, 400, "json_invalid"),
    Case("H2 single quotes", "{'lines': []}", 400, "json_invalid"),
    Case("H3 plain text", GOOD, 415, "content_type", extras={"content_type": "text/plain"}),
    Case("H3 no content type", GOOD, 415, "content_type", extras={"content_type": None}),
    Case(
        "H3 a form", "a=b", 415, "content_type", extras={"content_type": "application/x-www-form-urlencoded"}
    ),
    Case("H4 UTF-16", GOOD, 415, "content_type", extras={"content_type": "application/json; charset=utf-16"}),
    Case("H4 byte order mark", "\ufeff" + GOOD, 400, "json_invalid"),
    Case("H5 no base64", "!" + CANARY, 400, "base64_invalid", extras={"isBase64Encoded": True}),
    Case("H5 base64 and more", f"{ENCODED}!", 400, "base64_invalid", extras={"isBase64Encoded": True}),
    Case("H5 base64 cut short", "abc", 400, "base64_invalid", extras={"isBase64Encoded": True}),
    Case("H5 base64 in no ASCII", "é" * 4, 400, "base64_invalid", extras={"isBase64Encoded": True}),
    Case(
        "H5 base64 of no UTF-8", "eyJlbWFpbCI6Iv8ifQ==", 400, "json_invalid", extras={"isBase64Encoded": True}
    ),
    Case("H6 too large", GOOD + " " * LIMIT, 413, "body_too_large"),
    Case("H6 too large in other letters", with_name(f'"{"é" * (LIMIT // 2)}"'), 413, "body_too_large"),
    Case("H8 a hundred thousand deep", nested(100_000), 413, "body_too_large"),
    Case("H8 as deep as fits", nested(LIMIT // 2), 400, "json_no_object", ""),
    Case("H8 deep in a line", basket(lines=[]).replace("[]", nested(20_000)), 422, "invalid", "/lines/0"),
    Case("H8 deep, new", with_name(f'"A", "x": {nested(20_000)}'), 400, "extra_forbidden", "/ship_to/x"),
    Case("H9 5,000 digits", with_quantity("9" * 5000), 422, "invalid", "/lines/0/quantity"),
    Case("H10 NaN", with_quantity("NaN"), 400, "json_invalid"),
    Case("H10 Infinity", with_quantity("Infinity"), 400, "json_invalid"),
    Case("H10 1e999", with_quantity("1e999"), 422, "invalid", "/lines/0/quantity"),
    *(Case(f"H12 {body}", body, 400, "json_no_object", "") for body in ("[]", '"c4n4ry"', "null", "4242")),
    Case("H13 lone surrogate", with_name('"\\ud800"'), 400, "json_invalid"),
    Case("H13 lone surrogate, raw", with_name('"\ud800"'), 400, "json_invalid"),
    Case("H14 NUL in a name", with_name('"c4n4ry\\u0000"'), 422, "invalid", "/ship_to/name"),
    Case("H14 line end in a name", with_name('"c4n4ry\\n"'), 422, "invalid", "/ship_to/name"),
    Case("H15 direction override", GOOD.replace("TEAPOT", "TEA\\u202ePOT"), 422, "invalid", "/lines/0/sku"),
    Case("H15 zero width", GOOD.replace("TEAPOT", "TEA\\u200bPOT"), 422, "invalid", "/lines/0/sku"),
    Case("H15 lower case", GOOD.replace("TEAPOT", CANARY), 422, "invalid", "/lines/0/sku"),
    Case("H17 unknown field", basket(role=CANARY), 400, "extra_forbidden", "/role"),
    Case("H17 customer of one's own", basket(customer_id=CANARY), 400, "extra_forbidden", "/customer_id"),
    Case("H17 a field with a slash", basket(**{"a/b~c": CANARY}), 400, "extra_forbidden", "/a~1b~0c"),
    *(Case(f"H18 no {name}", without(name), 422, "invalid", f"/{name}") for name in BASKET),
    *(
        Case(f"H18 no {name}", without("ship_to", name), 422, "invalid", f"/ship_to/{name}")
        for name in BASKET["ship_to"]
    ),
    Case("H18 no sku", without("lines", 1, "sku"), 422, "invalid", "/lines/1/sku"),
    Case("H18 no quantity", without("lines", 1, "quantity"), 422, "invalid", "/lines/1/quantity"),
    Case("H18 nothing at all", "{}", 422, "invalid", "/lines"),
    *(
        Case(f"H19 quantity {text}", with_quantity(text), 422, "invalid", "/lines/0/quantity")
        for text in ('"1"', "true", "1.0", "null", "1e0", "[1]")
    ),
    *(
        Case(f"H20 quantity {text}", with_quantity(text), 422, "invalid", "/lines/0/quantity")
        for text in ("0", "-0", "-1", "100", "1000000000", "9223372036854775808", "18446744073709551616")
    ),
    Case("H21 no lines", basket(lines=[]), 422, "invalid", "/lines"),
    Case("H21 100 lines", basket(lines=BASKET["lines"] * 50), 422, "invalid", "/lines"),
    Case("H22 doubled line", basket(lines=BASKET["lines"] * 2), 422, "duplicate_sku", "/lines"),
    Case("H23 total", basket(total=total(1)), 422, "total_mismatch", "/total"),
    Case(
        "H25 no currency", basket(total={"amount": 1, "currency": CANARY}), 422, "invalid", "/total/currency"
    ),
    Case("H26 decimals", basket(total={"amount": 50.99, "currency": "JPY"}), 422, "invalid", "/total/amount"),
    Case("H27 2^63", basket(total={"amount": 2**63, "currency": "GBP"}), 422, "invalid", "/total/amount"),
    Case(
        "H27 below nought", basket(total={"amount": -1, "currency": "GBP"}), 422, "invalid", "/total/amount"
    ),
    Case("H28 unknown article", GOOD.replace("CUP", "SAUCER"), 422, "unknown_sku", "/lines/1/sku"),
    Case("a card number", basket(payment_method="4242424242424242"), 422, "invalid", "/payment_method"),
    Case("an address that is none", basket(email=f"{CANARY}@"), 422, "invalid", "/email"),
    Case("an address and a header", basket(email="a@b.cd\nBcc: c4n4ry@b.cd"), 422, "invalid", "/email"),
    Case("a country in words", GOOD.replace('"GB"', f'"{CANARY}"'), 422, "invalid", "/ship_to/country"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_request_is_answered_with_its_code_and_its_place(case: Case, output: Output) -> None:
    before = everything()
    reply = post(case.body, **case.extras)
    assert (reply.status, reply.code) == (case.status, case.code)
    assert reply.pointers == ([] if case.pointer is None else [case.pointer])
    assert everything() == before
    assert CANARY not in reply.body
    assert "4242" not in reply.body
    assert output.metrics() == {"Refused": 1}
    assert output.logs() == []


def test_every_422_about_the_body_points_into_it() -> None:
    assert [case.name for case in CASES if case.status == 422 and not case.pointer] == []


def test_a_problem_has_all_that_its_standard_asks_for() -> None:
    reply = post(with_quantity('"1"'))
    assert reply.json() == {
        "type": "urn:orderbus:problem:invalid",
        "title": "Invalid",
        "status": 422,
        "detail": "Expected `int`, got `str`",
        "code": "invalid",
        "instance": PATH,
        "errors": [{"pointer": "/lines/0/quantity", "detail": "Expected `int`, got `str`"}],
    }


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'APPLICATION/JSON;charset="UTF-8"',
        "application/json; charset=utf-8; version=1",
    ],
)
def test_json_in_utf_8_is_taken_however_it_is_spelt(content_type: str) -> None:
    assert post(GOOD, content_type=content_type).status == 202


def test_a_body_in_base64_is_taken() -> None:
    assert post(ENCODED, isBase64Encoded=True).status == 202


def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_not() -> None:
    full = GOOD + " " * (LIMIT - len(GOOD))
    assert post(full).status == 202
    assert post(full + " ").status == 413
    encoded = [base64.b64encode(body.encode()).decode() for body in (full, full + " ")]
    assert [post(body, isBase64Encoded=True).status for body in encoded] == [202, 413]


def test_a_total_of_null_is_no_total() -> None:
    assert place(total=None).status == 202


@pytest.mark.parametrize(
    "doubled",
    [
        GOOD[:-1] + ', "email": "last@example.com"}',
        GOOD.replace('"quantity": 1', '"quantity": 1, "quantity": 2'),
    ],
)
def test_a_name_that_stands_twice_in_an_object_is_refused(doubled: str) -> None:
    reply = post(doubled)
    assert (reply.status, reply.code) == (400, "duplicate_key")
    assert facts() == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ship_to": {**BASKET["ship_to"], "role": CANARY}}, "/ship_to/role"),
        ({"lines": [{"sku": "TEAPOT", "quantity": 1, "unit_price": 1}]}, "/lines/0/unit_price"),
        ({"total": {"amount": 5099, "currency": "GBP", "tip": 1}}, "/total/tip"),
    ],
)
def test_an_unknown_field_is_refused_however_deep_it_stands(change: dict[str, Any], pointer: str) -> None:
    reply = place(**change)
    assert (reply.status, reply.code, reply.pointers) == (400, "extra_forbidden", [pointer])
    assert facts() == []


def test_two_spellings_of_one_letter_are_one_name() -> None:
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"
    assert place(ship_to={**BASKET["ship_to"], "name": composed}).status == 202
    assert place(ship_to={**BASKET["ship_to"], "name": decomposed}).headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip"])
def test_a_packed_body_is_not_unpacked(encoding: str) -> None:
    reply = post(GOOD, headers={"content-encoding": encoding})
    assert (reply.status, reply.code) == (415, "content_encoding")
