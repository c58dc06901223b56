"""A gift message goes through both entry points into the shipment and its email, and into no log line."""

from typing import Any

import pytest

from tests.workflow.shop import CONSUMERS, PREFIX, Shop, a_checkout, an_order, checkout_entry

CANARY = "Canary 7f3a for Charles"


def printed(shop: Shop) -> str:
    return "\n".join(line for name in CONSUMERS for line in shop.cloud.logs(f"{PREFIX}-{name}"))


def shipments(shop: Shop, order_id: str) -> list[dict[str, Any]]:
    return [event["data"] for event in shop.events(order_id) if event["type"] == "ShipmentScheduled"]


def place_at(entry_point: str, shop: Shop) -> str:
    if entry_point == "HTTP API":
        order_id = shop.place(an_order(gift_message=CANARY))
    else:
        shop.cloud.put_events([checkout_entry(a_checkout(gift_message=CANARY))])
    shop.cloud.settle()
    return order_id if entry_point == "HTTP API" else shop.orders()[0]["order_id"]


@pytest.mark.parametrize("entry_point", ["HTTP API", "partner"])
def test_gift_message_is_in_the_shipment_and_its_email(shop: Shop, entry_point: str) -> None:
    order_id = place_at(entry_point, shop)
    assert [each["gift_message"] for each in shipments(shop, order_id)] == [CANARY]
    assert [CANARY in email.body for email in shop.cloud.mails] == [False, False, True]
    assert CANARY not in printed(shop)
    assert shop.dead_letters("shipping") == shop.dead_letters("notifications") == []


def test_order_without_gift_message_has_no_such_field(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    assert all("gift_message" not in event["data"] for event in shop.events(order_id))


@pytest.mark.parametrize(
    ("message", "status"),
    [("", 422), (" ", 422), ("x" * 201, 422), (None, 422), (3, 422), ("two\nlines", 400), ("\u202e", 400)],
)
def test_gift_message_is_rejected_unless_it_is_one_line(shop: Shop, message: object, status: int) -> None:
    reply = shop.post(an_order(gift_message=message))
    assert reply.status == status
    assert [error["pointer"] for error in reply.json()["errors"]] == ["/gift_message"]


def test_another_gift_message_is_another_order(shop: Shop) -> None:
    shop.place(an_order(gift_message=CANARY))
    assert shop.post(an_order(gift_message="other")).json()["code"] == "idempotency_key_reused"
    assert shop.post(an_order()).json()["code"] == "idempotency_key_reused"
