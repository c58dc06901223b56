"""Payments with Stripe behind it, and the secret it is known by."""

import json

import pytest

from functions.contracts.payments import PaymentDeclined, PaymentProcessed
from functions.payments.gateway import Charge
from functions.payments.handler import handle
from functions.payments.stripe import secret
from functions.payments.stripe.gateway import StripeGateway
from functions.payments.stripe.secret import Credentials
from tests.unit.functions.account import client, facts, rows
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    TOTAL,
    Context,
    a_batch,
    a_delivery,
    an_inventory_reserved,
    an_order_cancelled,
    retried,
)
from tests.unit.functions.output import Output
from tests.unit.functions.stripe_stub import (
    HANG_UP,
    STRIPE_KEY,
    STRIPE_SECRET,
    StripeStub,
    a_decline,
    a_refund,
    a_refusal,
    an_intent,
)

pytestmark = pytest.mark.usefixtures("aws")

PAID = Charge(id="pi_3MtwBwLkdIwHu7ix28a3tqPa", captured=True, amount=TOTAL)
GATEWAY = StripeGateway()


def test_payments_uses_stripe_when_configured(stripe: StripeStub) -> None:
    stripe.respond((200, an_intent()), (200, a_refund()))
    reserved, cancelled = a_delivery(an_inventory_reserved()), a_delivery(an_order_cancelled())
    assert handle(a_batch(reserved, cancelled), Context()) == NO_FAILURES
    paid, refunded = facts()
    assert paid == PaymentProcessed(order_id=ORDER, payment_id=PAID.id, amount=TOTAL)
    assert type(refunded).__name__ == "PaymentRefunded"
    assert rows("GATEWAY_TABLE") == []


def test_decline_has_the_reason_of_stripe(stripe: StripeStub) -> None:
    stripe.respond((402, a_decline("lost_card")))
    assert handle(a_batch(a_delivery(an_inventory_reserved())), Context()) == NO_FAILURES
    assert facts() == [PaymentDeclined(order_id=ORDER, reason="lost_card")]


def test_wrong_key_is_retried_and_charges_nobody(stripe: StripeStub) -> None:
    stripe.respond((401, a_refusal()))
    assert handle(a_batch(a_delivery(an_inventory_reserved())), Context()) == retried("message-0")
    assert facts() == []


def test_request_is_not_sent_when_the_secret_is_empty(stripe: StripeStub) -> None:
    client("secretsmanager").delete_secret(SecretId="payment-gateway", ForceDeleteWithoutRecovery=True)
    client("secretsmanager").create_secret(Name="payment-gateway")
    assert handle(a_batch(a_delivery(an_inventory_reserved())), Context()) == retried("message-0")
    assert stripe.requests == []


def test_secret_is_read_again_after_five_minutes(stripe: StripeStub, monkeypatch: pytest.MonkeyPatch) -> None:
    stripe.respond((200, an_intent()))

    def charge() -> None:
        StripeGateway().charge(key="k", order_id=ORDER, amount=TOTAL, method="pm_card_visa")

    monkeypatch.setattr("functions.payments.stripe.secret.time.monotonic", lambda: 0.0)
    charge()
    client("secretsmanager").put_secret_value(
        SecretId="payment-gateway", SecretString=json.dumps({**STRIPE_SECRET, "api_key": "sk_test_next"})
    )
    charge()
    monkeypatch.setattr("functions.payments.stripe.secret.time.monotonic", lambda: secret.CACHE_SECONDS)
    charge()
    used = [request.headers["authorization"].removeprefix("Bearer ") for request in stripe.requests]
    assert used == [STRIPE_KEY, STRIPE_KEY, "sk_test_next"]


def test_secret_is_never_written(stripe: StripeStub, output: Output) -> None:
    for response in ((200, an_intent()), (401, a_refusal()), (500, b""), (HANG_UP, b"")):
        stripe.respond(response)
        handle(a_batch(a_delivery(an_inventory_reserved())), Context())
    written = output.everything() + json.dumps(rows("ATTEMPTS_TABLE"))
    assert "canary" not in written + repr(Credentials(**STRIPE_SECRET))
