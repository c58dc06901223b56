"""The workflow with Stripe: the adapter calls localstripe over real HTTP."""

import hashlib
import hmac
import json
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from app import ROOT
from pocketcloud import AwsCall, Crash, OfflineCloud
from tests.assemblies import dev_with
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.invariants import SHIPPED
from tests.workflow.shop import PREFIX, Shop, an_order

PYTHON = ROOT / ".venv-localstripe" / "bin" / "python"
KEY = "sk_test_12345"
SECRET = {"api_key": KEY, "webhook_secret": "whsec_test"}
DECLINED = "pm_card_chargeCustomerFail"
TOTAL = 2499 + 2 * 650

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="localstripe is not installed here: scripts/localstripe installs it"
)


@pytest.fixture(scope="module")
def stripe() -> Iterator[str]:
    """The address of localstripe."""
    command = [str(PYTHON), str(ROOT / "tests" / "localstripe" / "serve.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def deployed(stripe: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev`, its gateway Stripe, and its secret filled in by an operator."""
    assembly = dev_with(tmp_path_factory, gateway="stripe", gateway_url=stripe)
    with OfflineCloud.start(assembly=assembly) as cloud:
        cloud.client("secretsmanager").put_secret_value(
            SecretId=f"{PREFIX}-payment-gateway", SecretString=json.dumps(SECRET)
        )
        yield cloud


def at_stripe(url: str, path: str) -> list[dict[str, Any]]:
    """Return the server's objects, from its own API."""
    asking = Request(f"{url}{path}", headers={"Authorization": f"Bearer {KEY}"})  # noqa: S310 - our own server
    with urlopen(asking) as response:  # noqa: S310 - as above
        listed: list[dict[str, Any]] = json.load(response)["data"]
    return listed


def payments_of(url: str, order_id: str) -> list[tuple[int, str, str]]:
    """The order's payments: how much, in which currency, and what became of them."""
    return [
        (intent["amount"], intent["currency"], intent["status"])
        for intent in at_stripe(url, "/v1/payment_intents?limit=100")
        if intent["metadata"]["order_id"] == order_id
    ]


def test_order_is_paid_at_stripe_and_shipped(shop: Shop, stripe: str) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert payments_of(stripe, order_id) == [(TOTAL, "gbp", "succeeded")]
    (paid,) = [event["data"] for event in shop.events(order_id) if event["type"] == "PaymentProcessed"]
    assert paid["payment_id"].startswith("pi_")


def test_order_is_cancelled_when_stripe_declines_the_card(shop: Shop, stripe: str) -> None:
    order_id = shop.place(an_order(payment_method=DECLINED), key="declined")
    shop.cloud.settle()
    assert "PaymentDeclined" in shop.facts(order_id)
    (declined,) = [event["data"] for event in shop.events(order_id) if event["type"] == "PaymentDeclined"]
    assert declined["reason"] == "card_declined"
    assert payments_of(stripe, order_id) == [(TOTAL, "gbp", "requires_payment_method")]
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}


def test_order_is_refunded_at_stripe_when_cancelled_after_payment(shop: Shop, stripe: str) -> None:
    order_id = shop.place(an_order(), key="called-back")
    while "PaymentProcessed" not in shop.facts(order_id):
        shop.cloud.advance(milliseconds=20)
    assert shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer="ada").status == 200
    shop.cloud.settle()
    facts = {event["type"]: event["data"] for event in shop.events(order_id)}
    refunds = at_stripe(stripe, f"/v1/refunds?payment_intent={facts['PaymentProcessed']['payment_id']}")
    assert [(each["id"], each["amount"]) for each in refunds] == [
        (facts["PaymentRefunded"]["refund_id"], TOTAL)
    ]
    assert shop.dead_letters("payments") == []


def test_wrong_key_charges_no_customer_and_is_reported(shop: Shop, stripe: str) -> None:
    secrets = shop.cloud.client("secretsmanager")
    name = f"{PREFIX}-payment-gateway"
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps({**SECRET, "api_key": "wrong"}))
    shop.cloud.services.runtime.sandboxes.drop()
    try:
        order_id = shop.place(an_order(), key="wrong-key")
        shop.cloud.advance(minutes=3)
        assert payments_of(stripe, order_id) == []
        assert any("GatewayRefusedError" in line for line in shop.cloud.logs(f"{PREFIX}-payments"))
    finally:
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(SECRET))
        shop.cloud.services.runtime.sandboxes.drop()


def notified(body: str, *, secret: str, at: int) -> dict[str, str]:
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={at},v1={digest}", "content-type": "application/json"}


def test_stripe_webhook_settles_an_unknown_payment_without_token(shop: Shop, stripe: str) -> None:
    def deaf(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        """Crash payments before it stores Stripe's response."""
        if call.function == f"{PREFIX}-payments" and call.operation == "TransactWriteItems":
            raise Crash
        return proceed()

    with call_fault(shop.cloud, deaf):
        order_id = shop.place(an_order(), key="notified")
        shop.cloud.advance(seconds=20)
    (intent,) = [
        each
        for each in at_stripe(stripe, "/v1/payment_intents?limit=100")
        if each["metadata"]["order_id"] == order_id
    ]
    body = json.dumps({"type": "payment_intent.succeeded", "data": {"object": intent}})
    now = int(shop.cloud.clock.now().timestamp())
    statuses = []
    for secret in ("whsec_forged", SECRET["webhook_secret"], SECRET["webhook_secret"]):
        headers = notified(body, secret=secret, at=now)
        reply = shop.cloud.http("POST", "/webhooks/payments", body=body, headers=headers, customer=None)
        statuses.append(reply.status)
    assert statuses == [401, 200, 200]
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert len(payments_of(stripe, order_id)) == 1
