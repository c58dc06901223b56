"""Requests just within the limits are accepted, and a problem has every member of its standard."""

import base64

import pytest

from tests.bad_inputs.http_row import ENCODED, GOOD, LIMIT, with_quantity
from tests.unit.functions.account import facts
from tests.unit.functions.shop import BASKET, PATH, place, post

pytestmark = pytest.mark.usefixtures("catalogue")


def test_problem_has_every_member_of_rfc_9457() -> None:
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
def test_json_media_type_is_accepted_in_any_spelling(content_type: str) -> None:
    assert post(GOOD, content_type=content_type).status == 202


def test_base64_body_is_accepted() -> None:
    assert post(ENCODED, isBase64Encoded=True).status == 202


def test_body_is_accepted_up_to_64_kib() -> None:
    full = GOOD + " " * (LIMIT - len(GOOD))
    assert post(full).status == 202
    assert post(full + " ").status == 413
    encoded = [base64.b64encode(body.encode()).decode() for body in (full, full + " ")]
    assert [post(body, isBase64Encoded=True).status for body in encoded] == [202, 413]


@pytest.mark.parametrize("name", ["[[{{", "\\", '"', "12345678901234567890123456789012345", "\U0001d11e"])
def test_string_may_exceed_the_limits_of_a_document(name: str) -> None:
    assert place(ship_to={**BASKET["ship_to"], "name": name * 2}).status == 202
    (created,) = facts()
    assert created.ship_to.name == name * 2  # type: ignore[attr-defined]  # an OrderCreated


def test_problem_omits_a_field_name_when_too_long() -> None:
    reply = post(GOOD[:-1] + f', "{"~/" * 20_000}": 1}}')
    assert reply.code == "extra_forbidden"
    assert len(reply.body) < 1_000
