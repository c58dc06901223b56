"""A customer lists their own orders, the newest first, a page at a time."""

import base64
from datetime import datetime
from typing import Any

import pytest

from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderConfirmed
from functions.contracts.values import Customer
from functions.shared.event_store.event_log import EventLog
from functions.shared.runtime.clients import dynamodb
from functions.views import api
from functions.views.handler import REACTIONS, handle
from functions.views.page import cursor_of
from functions.views.store import position
from tests.unit.functions.account import put
from tests.unit.functions.aws_faults import amending, failing, recorded_calls
from tests.unit.functions.builders import (
    CAUSE,
    Context,
    a_batch,
    a_delivery,
    a_payment_declined,
    a_payment_processed,
    a_payment_refunded,
    a_shipment_scheduled,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
)
from tests.unit.functions.shop import Reply, a_request

pytestmark = pytest.mark.usefixtures("aws")


def order(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def recorded(*facts: OrderFact, at: str = "2026-11-23T10:00:00Z") -> None:
    """Append the facts to the event log."""
    log = EventLog(clock=lambda: datetime.fromisoformat(at))
    for fact in facts:
        log.append(fact, cause=CAUSE)


def given(*facts: OrderFact, at: str = "2026-11-23T10:00:00Z") -> None:
    """Append the facts to the event log, and deliver those that views subscribes to."""
    recorded(*facts, at=at)
    for fact in (each for each in facts if type(each) in REACTIONS):
        assert handle(a_batch(a_delivery(fact, time=at)), Context()) == {"batchItemFailures": []}


def place(number: int, *, customer: str = "ada") -> None:
    buyer = Customer(id=customer, email="who@example.com")
    given(an_order_created(order_id=order(number), customer=buyer), at=f"2026-11-23T10:00:{number:02d}Z")


def listed(*, customer: str | None = "ada", **query: str) -> Reply:
    more: dict[str, Any] = {"queryStringParameters": query} if query else {}
    response = api.handle(a_request("GET /orders", "/orders", customer=customer, **more), Context())
    return Reply(response["statusCode"], response["headers"], response["body"])


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [each["order_id"] for each in reply.json()["orders"]]


def test_list_is_empty_when_customer_has_no_order() -> None:
    assert listed().json() == {"orders": []}


def test_new_order_is_shown_as_placed() -> None:
    place(1)
    assert listed().json() == {
        "orders": [
            {
                "order_id": order(1),
                "status": "created",
                "placed_at": "2026-11-23T10:00:01.000000Z",
                "updated_at": "2026-11-23T10:00:01.000000Z",
                "lines": [
                    {"sku": "TEAPOT", "quantity": 1, "unit_price": 2499},
                    {"sku": "CUP", "quantity": 4, "unit_price": 650},
                ],
                "total": {"amount": 5099, "currency": "GBP"},
            }
        ]
    }


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ([a_payment_processed()], {"status": "created", "payment": "paid"}),
        ([a_payment_processed(), an_order_confirmed()], {"status": "confirmed", "payment": "paid"}),
        (
            [a_payment_processed(), an_order_confirmed(), a_shipment_scheduled()],
            {"status": "shipped", "payment": "paid", "tracking_number": "OB12345678"},
        ),
        (
            [a_payment_processed(), an_order_confirmed(), an_order_cancelled(), a_payment_refunded()],
            {"status": "cancelled", "cancellation_reason": "customer_request", "payment": "refunded"},
        ),
        (
            [an_order_cancelled(reason="payment_declined"), a_payment_declined()],
            {"status": "cancelled", "cancellation_reason": "payment_declined", "payment": "declined"},
        ),
    ],
)
def test_order_is_shown_with_its_progress(facts: list[OrderFact], shown: dict[str, str]) -> None:
    given(*facts, at="2026-11-23T10:00:09Z")
    given(an_order_created())
    (seen,) = listed().json()["orders"]
    assert {**seen, **shown} == seen
    assert seen["updated_at"] == "2026-11-23T10:00:09.000000Z"
    optional = {"payment", "cancellation_reason", "tracking_number"}
    assert optional & seen.keys() == optional & shown.keys()


def test_order_is_not_listed_before_its_creation_arrives() -> None:
    recorded(an_order_created())
    assert ids(listed()) == []


def test_list_shows_orders_before_their_events_are_delivered() -> None:
    place(1)
    recorded(an_order_cancelled(order_id=order(1)))
    assert [each["status"] for each in listed().json()["orders"]] == ["cancelled"]


def test_order_cancelled_instead_of_confirmed_is_shown_as_cancelled() -> None:
    place(1)
    EventLog().append(an_order_cancelled(order_id=order(1)), cause=CAUSE, instead_of=OrderConfirmed)
    assert [each["status"] for each in listed().json()["orders"]] == ["cancelled"]


def test_pages_show_each_order_once_newest_first() -> None:
    for number in (3, 1, 5, 2, 4):
        place(number)
    first = listed(limit="2")
    second = listed(limit="2", cursor=first.json()["next_cursor"])
    third = listed(limit="2", cursor=second.json()["next_cursor"])
    assert [ids(page) for page in (first, second, third)] == [
        [order(5), order(4)],
        [order(3), order(2)],
        [order(1)],
    ]
    assert "next_cursor" not in third.json()


def test_full_last_page_has_no_next_page() -> None:
    place(1)
    place(2)
    assert "next_cursor" not in listed(limit="2").json()


def test_pages_do_not_shift_when_an_order_is_added() -> None:
    place(1)
    place(2)
    cursor = listed(limit="1").json()["next_cursor"]
    place(3)
    assert ids(listed(cursor=cursor)) == [order(1)]


def test_page_has_twenty_orders_by_default() -> None:
    for number in range(21):
        place(number)
    assert len(ids(listed())) == 20


def test_cursor_never_shows_orders_of_another_customer() -> None:
    place(1, customer="ada")
    place(2, customer="eve")
    place(3, customer="ada")
    hers = listed(customer="ada", limit="1").json()["next_cursor"]
    made_up = cursor_of(position("9999-12-31T00:00:00.000000Z", order(9)))
    assert ids(listed(customer="eve")) == [order(2)]
    for cursor in (hers, made_up):
        assert set(ids(listed(customer="eve", cursor=cursor))) <= {order(2)}
    assert ids(listed(customer="grace")) == []


def base64_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "null",
        "\x00",
        "é\ud800",
        "x" * 100_000,
        base64_of("eve#2026-11-23T10:00:01.000000Z"),
        base64_of(position("2026-11-23T10:00:01Z", order(1))),
        base64_of(position("2026-11-23T10:00:01.000000Z", order(1)) + "\n"),
        base64_of(position("٢026-11-23T10:00:01.000000Z", order(1))),
        cursor_of(position("2026-11-23T10:00:01.000000Z", order(1))) + "=",
        " " + cursor_of(position("2026-11-23T10:00:01.000000Z", order(1))),
        cursor_of(position("2026-11-23T10:00:01.000000Z", order(1))) + ",x",
    ],
    ids=lambda text: ascii(text)[:24],
)
def test_invalid_cursor_is_rejected_before_any_read(cursor: str) -> None:
    with recorded_calls(dynamodb()) as calls:
        reply = listed(cursor=cursor)
    assert (reply.status, reply.code) == (400, "cursor_invalid")
    assert calls == []


@pytest.mark.parametrize("limit", ["0", "51", "-1", "1.0", "", "x", "1,2", "²", "٣", "9" * 5000])
def test_limit_is_rejected_when_invalid(limit: str) -> None:
    assert listed(limit=limit).code == "limit_invalid"


@pytest.mark.parametrize("limit", ["1", "50"])
def test_limit_is_accepted_at_its_bounds(limit: str) -> None:
    assert listed(limit=limit).status == 200


@pytest.mark.parametrize("customer", [None, "", "a\nb"])
def test_response_is_empty_or_401_without_a_customer(customer: str | None) -> None:
    assert listed(customer=customer).status == 401


def test_page_takes_one_more_request_for_unshipped_orders() -> None:
    place(1)
    with recorded_calls(dynamodb()) as calls:
        listed()
    assert calls == ["Query", "BatchGetItem", "BatchGetItem"]
    given(a_shipment_scheduled(order_id=order(1)))
    with recorded_calls(dynamodb()) as calls:
        listed()
    assert calls == ["Query", "BatchGetItem"]


def test_longest_page_is_read_in_parts() -> None:
    for number in range(50):
        place(number)
    with recorded_calls(dynamodb()) as calls:
        assert len(ids(listed(limit="50"))) == 50
    assert calls == ["Query", "BatchGetItem", *["BatchGetItem"] * 3]


@pytest.mark.parametrize("call", ["Query", "BatchGetItem"])
def test_response_is_503_when_table_is_throttled(call: str) -> None:
    place(1)
    with failing(dynamodb(), call, "ThrottlingException"):
        assert listed().code == "unavailable"


def test_response_is_503_when_page_read_is_partial() -> None:
    place(1)
    left = {"t": {"Keys": [{"pk": {"S": f"orders#{order(1)}"}, "sk": {"S": "creation"}}]}}
    with amending(dynamodb(), "BatchGetItem", lambda parsed: parsed.update(UnprocessedKeys=left)):
        assert listed().code == "unavailable"


def test_order_is_skipped_when_its_row_was_invented() -> None:
    place(1)
    invented = position("2026-11-23T10:00:02.000000Z", order(2))
    put("LISTINGS_TABLE", customer_id={"S": "ada"}, position={"S": invented})
    assert ids(listed()) == [order(1)]
