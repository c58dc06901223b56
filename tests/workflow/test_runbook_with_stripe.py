"""The runbook on what only a real provider can say: money has moved, and nobody here moved it."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from app import PATHS, ROOT
from infrastructure import application
from infrastructure.alarm_kinds import AlarmKind
from offline import OfflineCloud
from tests.workflow.endings import free
from tests.workflow.runbook import Person, sections
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.test_alarms import rang

SECRET = {"api_key": "sk_test_12345", "webhook_secret": "whsec_test"}
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev`, its gateway Stripe, which nobody asks here."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    context["stages"]["dev"] |= {"gateway": "stripe", "gateway_url": NOWHERE}
    assembly = tmp_path_factory.mktemp("stripe")
    application.synthesise(assembly, context={**context, **PATHS})
    with OfflineCloud.start(assembly=assembly) as cloud:
        yield cloud


def told(shop: Shop, kind: str, order_id: str) -> None:
    """Stripe says what it has done for that order."""
    shop.cloud.client("secretsmanager").put_secret_value(
        SecretId=f"{PREFIX}-payment-gateway", SecretString=json.dumps(SECRET)
    )
    about = {
        "id": "pi_1",
        "amount": 3799,
        "currency": "gbp",
        "status": "succeeded",
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
    told(shop, "payment_intent.succeeded", order_id)
    return order_id


def a_refund_that_nobody_here_gave(shop: Shop) -> str:
    order_id = free(shop)
    told(shop, "charge.refunded", order_id)
    return order_id


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        (AlarmKind.PAYMENT_UNEXPECTED, a_payment_for_what_was_cancelled),
        (AlarmKind.REFUND_UNEXPECTED, a_refund_that_nobody_here_gave),
    ],
)
def test_what_the_page_says_names_the_order(shop: Shop, kind: AlarmKind, trouble: Any) -> None:
    order_id = trouble(shop)
    section = sections()[kind]
    assert [alarm for alarm in rang(shop) if section.what(f"{PREFIX}-{alarm}") is not None]
    person = Person(shop.cloud, {"STAGE": "dev"})
    for block in section.blocks:
        person.types(block)
    assert person.known["ORDER"] == order_id
    shop.cloud.advance(minutes=5)
    assert shop.cloud.alarms.ringing == []
