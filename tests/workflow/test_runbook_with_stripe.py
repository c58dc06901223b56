"""The runbook with Stripe: money moved outside the system, or a revoked key."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from infrastructure.alarm_kinds import AlarmKind
from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.unit.functions.stripe_stub import StripeStub, a_list, a_refusal, serving
from tests.workflow.order_outcomes import free
from tests.workflow.runbook import RunbookReader, sections
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.test_alarms import fired_alarms

SECRET = {"api_key": "sk_test_12345", "webhook_secret": "whsec_test"}


@pytest.fixture(scope="module")
def stripe() -> Iterator[StripeStub]:
    """Return the configured response."""
    stub = StripeStub()
    with serving(stub):
        yield stub


@pytest.fixture(scope="module")
def deployed(stripe: StripeStub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev`, its gateway Stripe."""
    assembly = dev_with(tmp_path_factory, gateway="stripe", gateway_url=stripe.url)
    with OfflineCloud.start(assembly=assembly) as cloud:
        yield cloud


def fill_in_the_secret(shop: Shop) -> None:
    shop.cloud.client("secretsmanager").put_secret_value(
        SecretId=f"{PREFIX}-payment-gateway", SecretString=json.dumps(SECRET)
    )


def receive_webhook(shop: Shop, kind: str, order_id: str, status: str = "succeeded") -> None:
    """Stripe says what it has done for that order."""
    fill_in_the_secret(shop)
    about = {
        "id": "pi_1",
        "amount": 3799,
        "currency": "gbp",
        "status": status,
        "metadata": {"order_id": order_id},
    }
    body = json.dumps({"type": kind, "data": {"object": about}})
    at = int(shop.cloud.clock.now().timestamp())
    digest = hmac.new(SECRET["webhook_secret"].encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"stripe-signature": f"t={at},v1={digest}", "content-type": "application/json"}
    reply = shop.cloud.http("POST", "/webhooks/payments", body=body, headers=headers, customer=None)
    assert reply.status == 200, reply.body
    shop.cloud.advance(minutes=2)


def a_payment_for_what_was_cancelled(shop: Shop) -> str:
    order_id = shop.place(an_order(lines=[{"sku": "TEAPOT", "quantity": 99}]))
    shop.cloud.settle()
    receive_webhook(shop, "payment_intent.succeeded", order_id)
    return order_id


def a_refund_that_nobody_here_gave(shop: Shop) -> str:
    order_id = free(shop)
    receive_webhook(shop, "charge.refunded", order_id)
    return order_id


def a_refund_that_fails(shop: Shop) -> str:
    order_id = free(shop)
    receive_webhook(shop, "refund.failed", order_id, status="failed")
    return order_id


@pytest.mark.parametrize(
    ("kind", "alarm", "fault"),
    [
        (AlarmKind.PAYMENT_UNEXPECTED, "payments-payment-unexpected", a_payment_for_what_was_cancelled),
        (AlarmKind.REFUND_UNEXPECTED, "payments-refund-unexpected", a_refund_that_nobody_here_gave),
        (AlarmKind.REFUND_UNEXPECTED, "payments-refund-failed", a_refund_that_fails),
    ],
)
def test_runbook_commands_name_the_order(shop: Shop, kind: AlarmKind, alarm: str, fault: Any) -> None:
    order_id = fault(shop)
    section = sections()[kind]
    assert fired_alarms(shop) == {alarm}
    assert section.what(f"{PREFIX}-{alarm}") is not None
    reader = RunbookReader(shop.cloud, {"STAGE": "dev"})
    for block in section.blocks:
        reader.types(block)
    assert reader.known["ORDER"] == order_id
    shop.cloud.advance(minutes=5)
    assert shop.cloud.alarms.in_alarm == []


def test_alarm_fires_two_hours_after_key_revocation(shop: Shop, stripe: StripeStub) -> None:
    alarm = "payments-payment-unknown-too-long"
    fill_in_the_secret(shop)
    stripe.respond((401, a_refusal(code="api_key_expired")))
    order_id = shop.place(an_order())
    shop.cloud.advance(hours=1, minutes=45)
    (row,) = shop.rows("attempts")
    assert (row["problem"], alarm in fired_alarms(shop)) == ("gateway_refused", False)
    shop.cloud.advance(hours=1)
    assert alarm in fired_alarms(shop)
    look, again = sections()[AlarmKind.PAYMENT_UNKNOWN].blocks
    reader = RunbookReader(shop.cloud, {"STAGE": "dev"})
    reader.types(look)
    assert reader.known["ORDER"] == order_id
    assert "gateway_refused" in "".join(reader.responses[0]["lines"])
    stripe.respond((200, a_list()))
    shop.cloud.advance(minutes=40)
    reader.types(again)
    assert "PaymentDeclined" in shop.facts(order_id)
    assert f"{PREFIX}-{alarm}" not in shop.cloud.alarms.in_alarm
