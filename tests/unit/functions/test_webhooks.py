"""A signed notification settles a payment once, at any time; any other changes nothing."""

from datetime import UTC, timedelta

import pytest
from botocore.exceptions import ClientError

from functions.payments import webhooks
from functions.payments.reconciliation import handle as reconcile
from functions.shared.runtime.clients import dynamodb
from tests.now import NOW, frozen
from tests.unit.functions.account import everything, names_of_facts, rows
from tests.unit.functions.aws_faults import failing, meanwhile
from tests.unit.functions.builders import (
    ORDER,
    OTHER_ORDER,
    Context,
    a_delivery,
    an_inventory_reserved,
    an_order_cancelled,
)
from tests.unit.functions.output import Output
from tests.unit.functions.stripe_notifications import deliver, notice, post_notification, signed
from tests.unit.functions.stripe_stub import (
    HANG_UP,
    StripeStub,
    a_decline,
    a_list,
    a_refund,
    an_intent,
)

RESERVED = a_delivery(an_inventory_reserved())
CANCELLED = a_delivery(an_order_cancelled())
FAILED = a_decline("lost_card")["error"]["payment_intent"]
CHARGE = {"id": "ch_1", "object": "charge", "amount_refunded": 5099, "metadata": {"order_id": ORDER}}


SUCCEEDED = notice("payment_intent.succeeded", an_intent())
DECLINED = notice("payment_intent.payment_failed", FAILED)
REFUNDED = notice("charge.refunded", CHARGE)


def an_unknown_payment(stripe: StripeStub) -> None:
    stripe.respond((HANG_UP, b""))
    deliver(RESERVED)
    assert [row["status"] for row in rows("ATTEMPTS_TABLE")] == ["unknown"]


@pytest.mark.parametrize("encoded", [True, False])
def test_webhook_settles_a_capture_whose_response_was_lost(
    stripe: StripeStub, output: Output, *, encoded: bool
) -> None:
    an_unknown_payment(stripe)
    assert post_notification(SUCCEEDED, encoded=encoded) == 200
    assert names_of_facts() == ["PaymentProcessed"]
    assert "open_in" not in rows("ATTEMPTS_TABLE")[0]
    assert output.metrics()["WebhookSettled"] == 1


def test_webhook_settles_a_decline_whose_response_was_lost(stripe: StripeStub) -> None:
    an_unknown_payment(stripe)
    assert post_notification(DECLINED) == 200
    assert names_of_facts() == ["PaymentDeclined"]


def test_webhook_changes_nothing_when_repeated_or_late(stripe: StripeStub, output: Output) -> None:
    stripe.respond((200, an_intent()))
    deliver(RESERVED)
    before = everything()
    assert [post_notification(SUCCEEDED), post_notification(SUCCEEDED)] == [200, 200]
    assert everything() == before
    assert output.metrics()["WebhookDuplicate"] == 2


def test_webhook_before_our_response_makes_the_only_decision(stripe: StripeStub, output: Output) -> None:
    stripe.respond((200, an_intent()))

    def first() -> None:
        assert post_notification(SUCCEEDED) == 200

    with meanwhile(dynamodb(), "", first, nth=1):
        deliver(RESERVED)
    assert names_of_facts() == ["PaymentProcessed"]
    assert output.metrics()["WebhookSettled"] == 1


def test_webhook_refunds_a_capture_when_order_is_cancelled(stripe: StripeStub) -> None:
    an_unknown_payment(stripe)
    deliver(CANCELLED)
    stripe.respond((200, a_refund()))
    assert post_notification(SUCCEEDED) == 200
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]


def test_webhook_settles_a_refund_whose_response_was_lost(stripe: StripeStub) -> None:
    stripe.respond((200, an_intent()), (HANG_UP, b""))
    deliver(RESERVED, CANCELLED)
    stripe.respond((200, a_refund()))
    assert [post_notification(REFUNDED), post_notification(REFUNDED)] == [200, 200]
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]


def test_unexpected_refund_is_counted_and_publishes_nothing(stripe: StripeStub, output: Output) -> None:
    stripe.respond((200, an_intent()))
    deliver(RESERVED)
    assert post_notification(REFUNDED) == 200
    assert names_of_facts() == ["PaymentProcessed"]
    assert output.metrics()["RefundUnexpected"] == 1


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_payment_of_a_declined_order_is_counted(
    stripe: StripeStub, output: Output, *, cancelled_first: bool
) -> None:
    stripe.respond((402, a_decline()))
    deliver(CANCELLED if cancelled_first else RESERVED)
    assert [post_notification(DECLINED), post_notification(SUCCEEDED)] == [200, 200]
    assert names_of_facts() == ["PaymentDeclined"]
    assert output.metrics()["PaymentUnexpected"] == 1


def test_webhook_settles_nothing_when_the_amount_differs(stripe: StripeStub, output: Output) -> None:
    an_unknown_payment(stripe)
    assert post_notification(notice("payment_intent.succeeded", an_intent(amount_received=1))) == 200
    assert names_of_facts() == []
    assert output.metrics()["PaymentMismatch"] == 1


@pytest.mark.parametrize(
    ("body", "metric"),
    [
        (notice("customer.created", {"id": "cus_1"}), "WebhookIgnored"),
        (notice("payment_intent.succeeded", an_intent(metadata={})), "WebhookUnrelated"),
        (notice("payment_intent.succeeded", an_intent(metadata={"order_id": "17"})), "WebhookUnrelated"),
        (
            notice("payment_intent.succeeded", an_intent(metadata={"order_id": OTHER_ORDER})),
            "WebhookUnrelated",
        ),
    ],
)
def test_unrelated_notification_is_accepted_and_counted(
    stripe: StripeStub, output: Output, body: str, metric: str
) -> None:
    an_unknown_payment(stripe)
    assert post_notification(body) == 200
    assert names_of_facts() == []
    assert output.metrics()[metric] == 1


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=,v1=",
        "t=1795428000",
        "v1=abc",
        "t=1795428000,v1=é",
        "t=²,v1=a",
        "t=1795428000,t=1795428000,v1=a",
        signed(SUCCEEDED.encode(), secret="whsec_other"),
        signed(SUCCEEDED.encode() + b" "),
        signed(SUCCEEDED.encode()).replace("v1=", "v0="),
        signed(SUCCEEDED.encode(), at=NOW - timedelta(minutes=5, seconds=1)),
        signed(SUCCEEDED.encode(), at=NOW + timedelta(minutes=5, seconds=1)),
    ],
)
def test_notification_is_rejected_without_a_current_signature(
    stripe: StripeStub, output: Output, signature: str
) -> None:
    an_unknown_payment(stripe)
    before = everything()
    assert post_notification(SUCCEEDED, signature=signature) == 401
    assert everything() == before
    assert output.metrics()["WebhookForged"] == 1


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_signature_is_valid_for_five_minutes_and_during_rotation(stripe: StripeStub, minutes: int) -> None:
    an_unknown_payment(stripe)
    at = NOW + timedelta(minutes=minutes)
    old = signed(SUCCEEDED.encode(), secret="whsec_old", at=at)
    new = signed(SUCCEEDED.encode(), at=at).partition(",")[2]
    assert post_notification(SUCCEEDED, signature=f"{old},{new}") == 200
    assert names_of_facts() == ["PaymentProcessed"]


@pytest.mark.parametrize("body", ["", "no JSON", "[" * 100_000, '{"type": 1}', "{}", "null"])
def test_signed_notification_is_rejected_when_unreadable(stripe: StripeStub, body: str) -> None:
    an_unknown_payment(stripe)
    assert post_notification(body) == 400


def test_body_is_rejected_first_when_too_large(stripe: StripeStub, output: Output) -> None:
    assert post_notification(SUCCEEDED + " " * webhooks.MAXIMUM_BODY_BYTES) == 413
    assert output.metrics() == {"WebhookReceived": 1, "WebhookTooLarge": 1}
    assert stripe.requests == []


@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems"])
def test_webhook_raises_our_faults_for_a_retry(stripe: StripeStub, operation: str) -> None:
    an_unknown_payment(stripe)
    with failing(dynamodb(), operation, "InternalServerError"), pytest.raises(ClientError):
        post_notification(SUCCEEDED)
    assert post_notification(SUCCEEDED) == 200
    assert names_of_facts() == ["PaymentProcessed"]


def test_reconciliation_and_webhook_make_one_decision(stripe: StripeStub) -> None:
    an_unknown_payment(stripe)
    stripe.respond((HANG_UP, b""), (200, a_list(an_intent())))
    later = NOW + timedelta(minutes=1)

    def first() -> None:
        assert post_notification(SUCCEEDED) == 200

    with (
        meanwhile(dynamodb(), "TransactWriteItems", first),
        frozen(later.astimezone(UTC)),
    ):
        reconcile({"time": later.isoformat()}, Context())
    assert names_of_facts() == ["PaymentProcessed"]
    assert "open_in" not in rows("ATTEMPTS_TABLE")[0]
