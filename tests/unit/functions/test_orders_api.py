"""`POST /orders`: prices, idempotency keys and rejected requests."""

import json
import uuid
from typing import Any

import pytest

from functions.contracts.orders import OrderCreated
from functions.contracts.values import NAMESPACE, PricedLine
from tests.unit.functions.account import delete, events, everything, facts, order_statuses, price, rows
from tests.unit.functions.builders import ADA, CUPS, LONDON, TEAPOT, TOTAL
from tests.unit.functions.output import Output
from tests.unit.functions.shop import BASKET, PATH, look, place, post

pytestmark = pytest.mark.usefixtures("catalogue")

ORDER = str(uuid.uuid5(NAMESPACE, "order|ada|k-1"))


def test_order_is_created_at_catalogue_prices(output: Output) -> None:
    reply = place()
    assert reply.status == 202
    assert reply.headers == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    assert reply.json() == {"order_id": ORDER, "status": "created", "status_url": f"{PATH}/{ORDER}"}
    assert facts() == [
        OrderCreated(
            order_id=ORDER,
            customer_id=ADA.id,
            email=ADA.email,
            ship_to=LONDON,
            lines=(TEAPOT, CUPS),
            total=TOTAL,
            payment_method="pm_card_visa",
        )
    ]
    assert order_statuses() == {ORDER: "created"}
    assert [row["open_since"].partition("#")[2] for row in rows("WAITING_TABLE")] == [ORDER]
    assert output.metrics() == {"Responded": 1}


def test_response_is_marked_as_replayed_when_request_is_repeated() -> None:
    first = place()
    before = everything()
    again = [place(), place()]
    assert "idempotent-replayed" not in first.headers
    assert [reply.headers["idempotent-replayed"] for reply in again] == ["true", "true"]
    assert [(reply.status, reply.body) for reply in again] == [(202, first.body)] * 2
    assert everything() == before


def test_order_is_the_same_when_lines_are_reordered() -> None:
    place()
    reply = place(lines=list(reversed(BASKET["lines"])))
    assert (reply.status, reply.headers["idempotent-replayed"]) == (202, "true")


@pytest.mark.parametrize(
    "change",
    [
        {"lines": [{"sku": "CUP", "quantity": 4}]},
        {"lines": [{"sku": "TEAPOT", "quantity": 2}, {"sku": "CUP", "quantity": 4}]},
        {"lines": [{"sku": "NEVER", "quantity": 1}]},
        {"email": "other@example.com"},
        {"payment_method": "pm_other"},
        {"ship_to": {**BASKET["ship_to"], "city": "Leeds"}},
    ],
    ids=str,
)
def test_request_is_rejected_when_key_belongs_to_another_order(change: dict[str, Any]) -> None:
    place()
    before = everything()
    reply = place(**change)
    assert (reply.status, reply.code) == (422, "idempotency_key_reused")
    assert everything() == before


def test_order_is_new_when_key_or_customer_differs() -> None:
    orders = [place("k-1"), place("k-2"), place("k-1", customer="grace")]
    assert [reply.status for reply in orders] == [202, 202, 202]
    assert len({reply.json()["order_id"] for reply in orders}) == 3
    assert [reply.headers.get("idempotent-replayed") for reply in orders] == [None, None, None]


@pytest.mark.parametrize("key", ["x", "x" * 255, "!~", "a/b+c=", "6f3d7a52-9f0e-5b8c-8a44-0d2f5f6e7b11"])
def test_key_is_accepted_up_to_255_printable_characters(key: str) -> None:
    assert place(key).status == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a b", " a", "a\n", "a\x00", "\u202e"])
def test_request_is_rejected_when_key_is_invalid(key: str) -> None:
    reply = place(key)
    assert (reply.status, reply.code) == (400, "idempotency_key_invalid")
    assert facts() == []


def test_request_is_rejected_when_key_is_missing() -> None:
    reply = place(None)
    assert (reply.status, reply.code) == (400, "idempotency_key_missing")
    assert facts() == []


def test_customer_of_another_issuer_sees_only_own_orders() -> None:
    order_id = place(customer="auth0|ada").json()["order_id"]
    assert look(order_id, customer="auth0|ada").status == 200
    assert look(order_id, customer="auth0|eve").status == 404
    (created,) = facts()
    assert created.customer_id.startswith("sub-")  # type: ignore[attr-defined]  # an OrderCreated


@pytest.mark.parametrize("customer", [None, "", "x" * 256, "ada\n", "zoë"])
def test_request_is_rejected_when_token_has_no_subject(customer: str | None) -> None:
    reply = place(customer=customer)
    assert (reply.status, reply.code) == (401, "token_without_subject")
    assert facts() == []


def test_request_is_accepted_when_shown_total_is_right() -> None:
    assert place(total={"amount": 5099, "currency": "GBP"}).status == 202


@pytest.mark.parametrize("total", [(5098, "GBP"), (5100, "GBP"), (0, "GBP"), (5099, "EUR")])
def test_request_is_rejected_when_shown_total_is_wrong(total: tuple[int, str]) -> None:
    reply = place(total={"amount": total[0], "currency": total[1]})
    assert (reply.status, reply.code, reply.pointers) == (422, "total_mismatch", ["/total"])
    assert facts() == []


def test_problem_points_to_line_when_sku_is_unknown() -> None:
    reply = place(lines=[*BASKET["lines"], {"sku": "NEVER", "quantity": 1}, {"sku": "NOR", "quantity": 1}])
    assert (reply.status, reply.code, reply.pointers) == (422, "unknown_sku", ["/lines/2/sku"])
    assert facts() == []


def test_request_is_rejected_when_sku_is_repeated() -> None:
    reply = place(lines=[*BASKET["lines"], {"sku": "TEAPOT", "quantity": 1}])
    assert (reply.status, reply.code, reply.pointers) == (422, "duplicate_sku", ["/lines"])
    assert facts() == []


def test_request_is_rejected_when_currencies_are_mixed() -> None:
    price("CROISSANT", 120, "EUR")
    reply = place(lines=[*BASKET["lines"], {"sku": "CROISSANT", "quantity": 1}])
    assert (reply.status, reply.code, reply.pointers) == (422, "mixed_currencies", ["/lines"])
    assert facts() == []


def test_order_may_have_99_lines() -> None:
    for index in range(99):
        price(f"A{index}", 100)
    assert place(lines=[{"sku": f"A{index}", "quantity": 99} for index in range(99)]).status == 202
    (order,) = facts()
    assert isinstance(order, OrderCreated)
    assert order.total.amount == 99 * 99 * 100


def test_repeated_request_succeeds_when_price_has_changed() -> None:
    shown = {"amount": 5099, "currency": "GBP"}
    first = place(total=shown)
    price("TEAPOT", 1)
    for reply in (place(total=shown), place()):
        assert (reply.status, reply.body) == (202, first.body)
        assert reply.headers["idempotent-replayed"] == "true"
    (order,) = facts()
    assert isinstance(order, OrderCreated)
    assert order.lines[0] == PricedLine(sku="TEAPOT", quantity=1, unit_price=2499)


def test_repeated_request_succeeds_when_sku_is_no_longer_sold() -> None:
    first = place()
    delete("CATALOGUE_TABLE", sku="TEAPOT")
    again = place()
    assert (again.status, again.body) == (202, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert place("k-2").code == "unknown_sku"


def test_key_may_be_reused_when_request_was_rejected() -> None:
    assert place(lines=[]).status == 422
    assert place(total={"amount": 1, "currency": "GBP"}).status == 422
    reply = place()
    assert reply.status == 202
    assert "idempotent-replayed" not in reply.headers


@pytest.mark.parametrize("name", ["名前", "=cmd|' /C calc'!A0", "<script>x()</script>", "Zoë \U0001f980"])
def test_name_is_stored_unchanged(name: str) -> None:
    assert place(ship_to={**BASKET["ship_to"], "name": name}).status == 202
    (order,) = facts()
    assert isinstance(order, OrderCreated)
    assert order.ship_to.name == name


def test_order_id_is_correlation_id_and_request_is_cause() -> None:
    place()
    (event,) = events()
    assert event.cause.correlation_id == ORDER
    assert event.cause.id == str(uuid.uuid5(NAMESPACE, "request|JKJaXmPLvHcESHA="))


def test_trace_of_client_is_continued() -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    post(json.dumps(BASKET), headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    (event,) = events()
    assert event.cause.traceparent.startswith(f"00-{trace}-")
