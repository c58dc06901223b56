"""Every signed, well-formed notification gets a 2xx, whichever optional fields are null or missing."""

import json
from typing import Any

import pytest

from functions.payments import store, webhooks
from functions.payments.attempt import Status
from tests.unit.functions.account import names_of_facts, rows
from tests.unit.functions.builders import ORDER, a_delivery, an_inventory_reserved, an_order_cancelled
from tests.unit.functions.output import Output
from tests.unit.functions.stripe_bank import StripeBank
from tests.unit.functions.stripe_notifications import deliver, notice, post_notification
from tests.unit.functions.stripe_stub import HANG_UP, StripeStub, a_decline, a_refund, an_intent

pytestmark = pytest.mark.exhaustive

RESERVED = a_delivery(an_inventory_reserved())
CANCELLED = a_delivery(an_order_cancelled())
FAILED = a_decline("lost_card")["error"]["payment_intent"]
CHARGE = {"id": "ch_1", "object": "charge", "amount_refunded": 5099, "metadata": {"order_id": ORDER}}
OURS = {"order_id": ORDER}
OBJECTS: dict[str, dict[str, Any]] = {
    "payment_intent.succeeded": an_intent(),
    "payment_intent.payment_failed": FAILED,
    "payment_intent.canceled": an_intent(status="canceled", amount_received=0),
    "charge.refunded": CHARGE,
    "refund.failed": a_refund(status="failed", metadata=OURS),
    "refund.updated": a_refund(metadata=OURS),
    "charge.refund.updated": a_refund(metadata=OURS),
}


def changed(base: dict[str, Any], name: str, value: object) -> dict[str, Any]:
    return {key: each for key, each in {**base, name: value}.items() if each is not ...}


VALUES: tuple[object, ...] = (None, ..., {"id": "x", "object": "expanded"}, "text", 7, [])
VARIANTS = [
    pytest.param(kind, changed(base, name, value), id=f"{kind}: {name}={value}")
    for kind, base in OBJECTS.items()
    for name in (*base, "livemode", "payment_intent", "of_tomorrow")
    for value in VALUES
]


def test_every_handled_type_is_varied() -> None:
    assert set(OBJECTS) == set(webhooks.REACTIONS)


@pytest.mark.parametrize("phase", ["unknown", "captured", "refunded"])
def test_notification_gets_2xx_whichever_field_differs(bank: StripeBank, phase: str) -> None:
    if phase == "unknown":
        bank.lost_posts = {1}
    deliver(RESERVED, *([CANCELLED] if phase == "refunded" else []))
    refused = [
        variant.id
        for variant in VARIANTS
        if post_notification(notice(str(variant.values[0]), variant.values[1])) != 200  # type: ignore[arg-type]  # as built above
    ]
    assert refused == []
    assert bank.refunded <= bank.captured


@pytest.mark.parametrize(
    "event",
    [
        {"type": "payment_intent.succeeded"},
        {"type": "payment_intent.succeeded", "data": None},
        {"type": "payment_intent.succeeded", "data": {}},
        {"type": "payment_intent.succeeded", "data": {"object": None}},
        {"type": "of.tomorrow", "data": {"object": 7}, "api_version": None, "request": None},
        {"type": "charge.dispute.created", "data": {"object": {"id": "dp_1", "metadata": None}}},
    ],
)
@pytest.mark.usefixtures("bank")
def test_notification_without_a_subject_gets_2xx(event: dict[str, Any]) -> None:
    deliver(RESERVED)
    assert post_notification(json.dumps(event)) == 200


def test_unreadable_notification_is_counted_and_changes_nothing(bank: StripeBank, output: Output) -> None:
    bank.lost_posts = {1}
    deliver(RESERVED)
    broken = changed(an_intent(), "amount", "many")
    assert post_notification(notice("payment_intent.succeeded", broken)) == 200
    assert names_of_facts() == []
    assert output.metrics()["WebhookUnreadable"] == 1


def test_webhook_settles_a_payment_that_has_only_started(stripe: StripeStub) -> None:
    statuses: list[int] = []

    def next_response() -> tuple[int, bytes]:
        if not statuses:
            assert [row["status"] for row in rows("ATTEMPTS_TABLE")] == ["started"]
            statuses.append(post_notification(notice("payment_intent.succeeded", an_intent())))
        return HANG_UP, b""

    stripe.next = next_response  # type: ignore[method-assign]  # the notification overtakes the response
    deliver(RESERVED)
    assert statuses == [200]
    assert names_of_facts() == ["PaymentProcessed"]
    assert store.status_of(ORDER) is Status.CAPTURED
