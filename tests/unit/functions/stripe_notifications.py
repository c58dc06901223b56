"""Signed notifications of Stripe."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from functions.payments import webhooks
from functions.payments.handler import handle as react
from tests.now import NOW, frozen
from tests.unit.functions.builders import NO_FAILURES, Context, a_batch
from tests.unit.functions.stripe_stub import STRIPE_SECRET


def notice(kind: str, about: dict[str, Any]) -> str:
    """An event as Stripe writes it."""
    return json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": about}})


def signed(body: bytes, *, secret: str = STRIPE_SECRET["webhook_secret"], at: datetime = NOW) -> str:
    timestamp = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def post_notification(body: str | bytes, *, signature: str | None = None, encoded: bool = False) -> int:
    """`POST /webhooks/payments` with this body at `NOW`; return the status."""
    data = body if isinstance(body, bytes) else body.encode()
    header = signed(data) if signature is None else signature
    event = {
        "headers": {"stripe-signature": header} if header else {},
        "body": base64.b64encode(data).decode() if encoded else data.decode(),
        "isBase64Encoded": encoded,
    }
    with frozen():
        status: int = webhooks.handle(event, Context())["statusCode"]
    return status


def deliver(*bodies: str) -> None:
    with frozen():
        assert react(a_batch(*bodies), Context()) == NO_FAILURES
