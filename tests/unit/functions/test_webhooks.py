"""Stripe's own word settles a payment once, whenever it comes; nobody else's word does anything."""

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
    stripe.answer((HANG_UP, b""))
    deliver(RESERVED)
    assert [row["status"] for row in rows("ATTEMPTS_TABLE")] == ["unknown"]


@pytest.mark.parametrize("encoded", [True, False])
def test_a_capture_that_we_never_heard_of_is_settled_by_its_webhook(
    stripe: StripeStub, output: Output, *, encoded: bool
) -> None:
    an_unknown_payment(stripe)
    assert post_notification(SUCCEEDED, encoded=encoded) == 200
    assert names_of_facts() == ["PaymentProcessed"]
    assert "open_in" not in rows("ATTEMPTS_TABLE")[0]
    assert output.metrics()["WebhookSettled"] == 1


def test_a_decline_that_we_never_heard_of_is_settled_too(stripe: StripeStub) -> None:
    an_unknown_payment(stripe)
    assert post_notification(DECLINED) == 200
    assert names_of_facts() == ["PaymentDeclined"]


def test_what_comes_again_or_after_our_own_answer_changes_nothing(stripe: StripeStub, output: Output) -> None:
    stripe.answer((200, an_intent()))
    deliver(RESERVED)
    before = everything()
    assert [post_notification(SUCCEEDED), post_notification(SUCCEEDED)] == [200, 200]
    assert everything() == before
    assert output.metrics()["WebhookDuplicate"] == 2


def test_what_comes_before_our_own_answer_is_the_one_decision(stripe: StripeStub) -> None:
    stripe.answer((200, an_intent()))

    def first() -> None:
        assert post_notification(SUCCEEDED) == 200

    with meanwhile(dynamodb(), "TransactWriteItems", first):
        deliver(RESERVED)
    assert names_of_facts() == ["PaymentProcessed"]


def test_a_capture_of_an_order_that_was_called_off_is_refunded_at_once(stripe: StripeStub) -> None:
    an_unknown_payment(stripe)
    deliver(CANCELLED)
    stripe.answer((200, a_refund()))
    assert post_notification(SUCCEEDED) == 200
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]


def test_a_refund_that_we_never_heard_of_is_settled_by_its_webhook(stripe: StripeStub) -> None:
    stripe.answer((200, an_intent()), (HANG_UP, b""))
    deliver(RESERVED, CANCELLED)
    stripe.answer((200, a_refund()))
    assert [post_notification(REFUNDED), post_notification(REFUNDED)] == [200, 200]
    assert names_of_facts() == ["PaymentProcessed", "PaymentRefunded"]


def test_a_refund_that_nobody_here_asked_for_rings_and_states_nothing(
    stripe: StripeStub, output: Output
) -> None:
    stripe.answer((200, an_intent()))
    deliver(RESERVED)
    assert post_notification(REFUNDED) == 200
    assert names_of_facts() == ["PaymentProcessed"]
    assert output.metrics()["RefundUnexpected"] == 1


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_money_taken_for_what_was_declined_here_rings(
    stripe: StripeStub, output: Output, *, cancelled_first: bool
) -> None:
    stripe.answer((402, a_decline()))
    deliver(CANCELLED if cancelled_first else RESERVED)
    assert [post_notification(DECLINED), post_notification(SUCCEEDED)] == [200, 200]
    assert names_of_facts() == ["PaymentDeclined"]
    assert output.metrics()["PaymentUnexpected"] == 1


def test_another_sum_settles_nothing(stripe: StripeStub, output: Output) -> None:
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
def test_what_is_not_about_a_payment_of_ours_is_taken_and_counted(
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
def test_what_is_not_signed_by_stripe_just_now_does_nothing(
    stripe: StripeStub, output: Output, signature: str
) -> None:
    an_unknown_payment(stripe)
    before = everything()
    assert post_notification(SUCCEEDED, signature=signature) == 401
    assert everything() == before
    assert output.metrics()["WebhookForged"] == 1


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_a_signature_holds_for_five_minutes_and_while_secrets_change_one_of_several_does(
    stripe: StripeStub, minutes: int
) -> None:
    an_unknown_payment(stripe)
    at = NOW + timedelta(minutes=minutes)
    old = signed(SUCCEEDED.encode(), secret="whsec_old", at=at)
    new = signed(SUCCEEDED.encode(), at=at).partition(",")[2]
    assert post_notification(SUCCEEDED, signature=f"{old},{new}") == 200
    assert names_of_facts() == ["PaymentProcessed"]


@pytest.mark.parametrize("body", ["", "no JSON", "[" * 100_000, '{"type": 1}', "{}", "null"])
def test_what_stripe_signed_and_nobody_can_read_is_refused(stripe: StripeStub, body: str) -> None:
    an_unknown_payment(stripe)
    assert post_notification(body) == 400


def test_a_body_is_bounded_before_anything_is_done_with_it(stripe: StripeStub, output: Output) -> None:
    assert post_notification(SUCCEEDED + " " * webhooks.MAXIMUM_BODY_BYTES) == 413
    assert output.metrics() == {"WebhookReceived": 1, "WebhookTooLarge": 1}
    assert stripe.asked == []


@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems"])
def test_trouble_of_ours_is_raised_so_that_stripe_tells_us_again(stripe: StripeStub, operation: str) -> None:
    an_unknown_payment(stripe)
    with failing(dynamodb(), operation, "InternalServerError"), pytest.raises(ClientError):
        post_notification(SUCCEEDED)
    assert post_notification(SUCCEEDED) == 200
    assert names_of_facts() == ["PaymentProcessed"]


def test_reconciliation_and_the_webhook_come_to_one_decision(stripe: StripeStub) -> None:
    an_unknown_payment(stripe)
    stripe.answer((HANG_UP, b""), (200, a_list(an_intent())))
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
