"""Requests that look bad and are not, that come again, and that meet each other or a failure of ours."""

import json
from typing import Any

import pytest

from functions.contracts.values import order_id_of
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.retry import ATTEMPTS
from tests.bad_inputs.http_row import GOOD, without
from tests.unit.functions.account import events, everything, facts, names_of_facts, price, rows
from tests.unit.functions.aws_faults import (
    Crash,
    a_crash_publishes_no_metrics,
    dying_after,
    in_conflict,
    meanwhile,
)
from tests.unit.functions.builders import TOTAL
from tests.unit.functions.shop import BASKET, cancel, look, place, post

pytestmark = pytest.mark.usefixtures("catalogue")

SCRIPT = "<script>alert('c4n4ry')</script>"
FORMULA = "=cmd|'/C calc'!A1"
REPLAYED = "idempotent-replayed"


def a_name(text: str) -> dict[str, Any]:
    return {**BASKET["ship_to"], "name": text}


def test_h16_two_spellings_of_one_character_are_one_name() -> None:
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"
    assert place(ship_to=a_name(composed)).status == 202
    assert place(ship_to=a_name(decomposed)).headers[REPLAYED] == "true"


def test_h16_joiners_are_accepted_in_a_name() -> None:
    name = "\u0645\u06cc\u200c\u0631\u0627"
    assert place(ship_to=a_name(name)).status == 202
    assert json.loads(rows("EVENT_LOG_TABLE")[0]["event"])["data"]["ship_to"]["name"] == name


def test_h23_total_is_accepted_when_correct_or_absent() -> None:
    shown = {"amount": TOTAL.amount, "currency": TOTAL.currency}
    assert place(total=shown).status == 202
    assert place(total=None).headers[REPLAYED] == "true"


def test_h24_price_is_the_one_of_the_catalogue() -> None:
    price("TEAPOT", 1)
    place()
    assert look(order_id_of("ada", "k-1")).json()["total"] == {"amount": 1 + 4 * 650, "currency": "GBP"}


def test_h36_repeated_request_gets_the_same_response() -> None:
    first, again = place(), place()
    assert (first.status, again.status, first.body) == (202, 202, again.body)
    assert (REPLAYED in first.headers, again.headers[REPLAYED]) == (False, "true")
    assert names_of_facts() == ["OrderCreated"]


def test_h36_repeated_cancellation_gets_the_same_response() -> None:
    placed = place().json()["order_id"]
    first, again = cancel(placed), cancel(placed)
    assert (first.status, again.status, first.body) == (200, 200, again.body)
    assert (REPLAYED in first.headers, again.headers[REPLAYED]) == (False, "true")
    assert names_of_facts() == ["OrderCreated", "OrderCancelled"]


def test_h38_concurrent_requests_with_one_key_are_one_order() -> None:
    replies = []
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: replies.append(place())):
        replies.append(place())
    assert [(reply.status, reply.body) for reply in replies] == [(202, replies[0].body)] * 2
    assert names_of_facts() == ["OrderCreated"]


def test_h38_concurrent_orders_with_one_key_include_one_rejection() -> None:
    replies = []
    other = {"email": "other@example.com"}
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: replies.append(place(**other))):
        replies.append(place())
    assert [reply.status for reply in replies] == [202, 422]
    assert names_of_facts() == ["OrderCreated"]


def test_h39_key_belongs_to_its_customer() -> None:
    ids = {place(customer=customer).json()["order_id"] for customer in ("ada", "grace")}
    assert len(ids) == 2
    assert names_of_facts() == ["OrderCreated"] * 2


def test_h40_key_means_its_order_forever() -> None:
    """There is no window: nothing that remembers a key carries a time at which it is forgotten."""
    first = place()
    kept = {name: table for name, table in everything().items() if name != "PLACEMENTS_TABLE"}
    assert not [row for table in kept.values() for row in table if "expires_at" in row]
    assert rows("EVENT_LOG_TABLE")[0]["pk"] == f"orders#{order_id_of('ada', 'k-1')}"
    assert place().body == first.body


def test_h41_rejected_request_is_accepted_when_fixed() -> None:
    assert post(without("email")).status == 422
    reply = post(GOOD)
    assert (reply.status, REPLAYED in reply.headers) == (202, False)


@a_crash_publishes_no_metrics
def test_h42_crash_after_the_commit_loses_only_the_response() -> None:
    with pytest.raises(Crash), dying_after(dynamodb(), nth=1):
        place()
    assert names_of_facts() == ["OrderCreated"]
    assert place().headers[REPLAYED] == "true"
    assert names_of_facts() == ["OrderCreated"]


@pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
def test_h44_request_succeeds_after_a_conflicting_transaction(times: int) -> None:
    with in_conflict(dynamodb(), times=times):
        assert place().status == 202
    assert names_of_facts() == ["OrderCreated"]


def test_h47_time_of_the_client_is_ignored() -> None:
    headers = {"date": "Thu, 01 Jan 1970 00:00:00 GMT", "x-amz-date": "20990101T000000Z"}
    assert post(GOOD, headers=headers).status == 202
    (event,) = events()
    assert event.time.year not in {1970, 2099}


@pytest.mark.parametrize("name", [SCRIPT, FORMULA], ids=["h49", "h50"])
def test_h49_h50_free_text_is_stored_and_never_shown(name: str) -> None:
    assert place(ship_to=a_name(name)).status == 202
    (created,) = facts()
    assert created.ship_to.name == name  # type: ignore[attr-defined]  # an OrderCreated
    seen = look(order_id_of("ada", "k-1"))
    assert name not in seen.json()
    assert "c4n4ry" not in seen.body
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("garbage", ["garbage", "00-0-0-00", "\x00", "x" * 5000, "00-" + "0" * 32])
def test_h51_trace_is_new_when_header_is_invalid(garbage: str) -> None:
    assert post(GOOD, headers={"traceparent": garbage, "x-amzn-trace-id": garbage}).status == 202
    (event,) = events()
    assert event.cause.traceparent.startswith("00-")
    assert len(event.cause.traceparent) == 55
