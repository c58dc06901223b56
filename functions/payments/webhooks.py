"""Webhooks of the payment provider: before, after, or instead of the response to our request, or twice."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.contracts.values import is_order_id
from functions.payments import store
from functions.payments.attempt import Status
from functions.payments.gateways import gateway
from functions.payments.settlement import Settlement
from functions.payments.stripe.objects import Intent, Reimbursement
from functions.payments.stripe.secret import credentials
from functions.payments.stripe.signature import ForgedError, verify
from functions.shared.contracts.log_context import LogContext
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import telemetry_of

MAXIMUM_BODY_BYTES = 256 * 1024
MAXIMUM_TYPE_LENGTH = 100
"""Characters of a notification's type in a log line."""
Reaction = Callable[[str, Status, msgspec.Raw], str]
OPEN = {Status.STARTED, Status.UNKNOWN}

telemetry = telemetry_of("payments-webhooks")


class NotificationData(msgspec.Struct, frozen=True, kw_only=True):
    """The object of an event: a PaymentIntent, a charge or a refund."""

    object: msgspec.Raw = msgspec.Raw(b"null")


class StripeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of Stripe (https://docs.stripe.com/api/events/object)."""

    type: str
    data: NotificationData | None = None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata of an object; a charge carries that of its PaymentIntent, a refund its own."""

    metadata: dict[str, Any] | None = None


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Settle the payment of the notification; raise our own failures, so the provider retries."""
    retries().serve(context, telemetry)
    telemetry.count("WebhookReceived")
    try:
        body = _body(event)
        if len(body) > MAXIMUM_BODY_BYTES:
            return _response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "WebhookTooLarge")
        signature = event["headers"].get("stripe-signature", "")
        verify(signature, body, secret=credentials().webhook_secret, now=datetime.now(UTC))
        notification = msgspec.json.decode(body, type=StripeEvent)
        return _response(HTTPStatus.OK, _settled(notification))
    except ForgedError:
        return _response(HTTPStatus.UNAUTHORIZED, "WebhookForged")
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _response(HTTPStatus.BAD_REQUEST, "WebhookUnreadable")


def _settled(notification: StripeEvent) -> str:
    """React to the notification; return the name of the outcome's metric."""
    react = REACTIONS.get(notification.type)
    if react is None:
        return "WebhookIgnored"
    try:
        return _about_order(react, notification.data.object if notification.data else msgspec.Raw(b"null"))
    except (msgspec.MsgspecError, RecursionError):
        # A retry would not help: reconciliation asks the gateway instead.
        telemetry.logger.warning("notification cannot be read", type=notification.type[:MAXIMUM_TYPE_LENGTH])
        return "WebhookUnreadable"


def _about_order(react: Reaction, subject: msgspec.Raw) -> str:
    """React if the object belongs to one of our payments."""
    described = msgspec.json.decode(subject, type=Subject | None)
    order_id = (described.metadata or {}).get("order_id") if described else None
    status = store.status_of(order_id) if isinstance(order_id, str) and is_order_id(order_id) else None
    if not isinstance(order_id, str) or status is None:
        return "WebhookUnrelated"  # another system's payment at the same provider
    return react(order_id, status, subject)


def _on_payment(order_id: str, status: Status, received: msgspec.Raw) -> str:
    """Make the decision that the response to our request would make, or has made."""
    intent = msgspec.json.decode(received, type=Intent)
    if status in OPEN:
        Settlement(gateway(), telemetry).settle(store.load(order_id), intent.charge)
        return "WebhookSettled"
    if status in {Status.DECLINED, Status.CANCELLED} and intent.status == "succeeded":
        log_context = LogContext(subject=order_id)  # without a request, there is no cause on record
        telemetry.logger.error("unexpected payment", payment_id=intent.id, **log_context.as_fields())
        return "PaymentUnexpected"
    return "WebhookDuplicate"


def _on_refund(order_id: str, status: Status, _received: msgspec.Raw) -> str:
    """Commit a refund that we owe; report any other to a person."""
    if status is Status.REFUNDED:
        return "WebhookDuplicate"
    attempt = store.load(order_id) if status is Status.CAPTURED else None
    if attempt is None or attempt.cancellation is None:
        known = LogContext.of_cause(attempt.cause, subject=order_id) if attempt else None
        log_context = known or LogContext(subject=order_id)
        telemetry.logger.error("unexpected refund", **log_context.as_fields())
        return "RefundUnexpected"
    Settlement(gateway(), telemetry).refund(attempt)
    return "WebhookSettled"


def _on_refund_changed(order_id: str, status: Status, received: msgspec.Raw) -> str:
    """Report a failed refund to a person; refunds can fail weeks after they succeeded.

    https://docs.stripe.com/refunds#failed-refunds
    """
    made = msgspec.json.decode(received, type=Reimbursement)
    if made.status != "failed":
        return "WebhookIgnored"
    asked = store.load(order_id) if status in {Status.CAPTURED, Status.REFUNDED} else None
    known = LogContext.of_cause(asked.cause, subject=order_id) if asked else None
    log_context = known or LogContext(subject=order_id)
    telemetry.logger.error("refund failed", refund_id=made.id, **log_context.as_fields())
    return "RefundFailed"


REACTIONS: Mapping[str, Reaction] = {
    "payment_intent.canceled": _on_payment,
    "payment_intent.succeeded": _on_payment,
    "payment_intent.payment_failed": _on_payment,
    "charge.refunded": _on_refund,
    "refund.failed": _on_refund_changed,
    "refund.updated": _on_refund_changed,
    "charge.refund.updated": _on_refund_changed,
}


def _body(event: Mapping[str, Any]) -> bytes:
    """Return the signed bytes of the body."""
    body: str = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _response(status: HTTPStatus, metric: str) -> dict[str, Any]:
    telemetry.count(metric)
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": int(status), "headers": headers, "body": "{}"}
