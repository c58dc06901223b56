"""What lies just inside the door's limits is taken, and a refusal says all that its standard asks for."""

import base64

import pytest

from tests.bad_inputs.http_row import ENCODED, GOOD, LIMIT, with_quantity
from tests.unit.functions.account import facts
from tests.unit.functions.shop import BASKET, PATH, place, post

pytestmark = pytest.mark.usefixtures("catalogue")


def test_a_problem_has_all_that_its_standard_asks_for() -> None:
    reply = post(with_quantity('"1"'))
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json() == {
        "type": "urn:orderbus:problem:invalid",
        "title": "Invalid",
        "status": 422,
        "detail": "Expected `int`, got `str`",
        "code": "invalid",
        "instance": PATH,
        "request_id": "JKJaXmPLvHcESHA=",
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


@pytest.mark.parametrize("name", ["[[{{", "\\", '"', "12345678901234567890123456789012345", "\U0001d11e"])
def test_what_would_be_too_much_in_a_document_may_stand_in_a_string(name: str) -> None:
    assert place(ship_to={**BASKET["ship_to"], "name": name * 2}).status == 202
    (created,) = facts()
    assert created.ship_to.name == name * 2  # type: ignore[attr-defined]  # an OrderCreated


def test_a_field_s_name_of_a_whole_body_is_not_repeated() -> None:
    reply = post(GOOD[:-1] + f', "{"~/" * 20_000}": 1}}')
    assert reply.code == "extra_forbidden"
    assert len(reply.body) < 1_000
