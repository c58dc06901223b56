"""The provider's own word on a payment: it may come before our answer, after it, twice, or instead of it."""

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

LONGEST_BODY = 256 * 1024
LONGEST_TYPE = 100
"""Characters of a notification's type in a log line."""
Reaction = Callable[[str, Status, msgspec.Raw], str]
OPEN = {Status.STARTED, Status.UNKNOWN}

telemetry = telemetry_of("payments-webhooks")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What an event is about: a PaymentIntent, a charge or a refund."""

    object: msgspec.Raw = msgspec.Raw(b"null")


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """An event of Stripe's (https://docs.stripe.com/api/events/object)."""

    type: str
    data: Told | None = None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """As much of any as says whose it is; a charge carries its PaymentIntent's metadata, a refund its own."""

    metadata: dict[str, Any] | None = None


@telemetry.tracer.capture_lambda_handler(capture_response=False)
@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Settle what the notice is about; trouble of ours is raised, so that the provider sends it again."""
    retries().serve(context, telemetry)
    telemetry.count("WebhookReceived")
    try:
        body = _body(event)
        if len(body) > LONGEST_BODY:
            return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "WebhookTooLarge")
        signature = event["headers"].get("stripe-signature", "")
        verify(signature, body, secret=credentials().webhook_secret, now=datetime.now(UTC))
        notice = msgspec.json.decode(body, type=Notice)
        return _answer(HTTPStatus.OK, _settled(notice))
    except ForgedError:
        return _answer(HTTPStatus.UNAUTHORIZED, "WebhookForged")
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _answer(HTTPStatus.BAD_REQUEST, "WebhookUnreadable")


def _settled(notice: Notice) -> str:
    """What became of the notice, as a metric's name."""
    react = REACTIONS.get(notice.type)
    if react is None:
        return "WebhookIgnored"
    try:
        return _about_order(react, notice.data.object if notice.data else msgspec.Raw(b"null"))
    except (msgspec.MsgspecError, RecursionError):
        # Stripe would send it again for days, and it would read no better: reconciliation asks instead.
        telemetry.logger.warning("notification cannot be read", type=notice.type[:LONGEST_TYPE])
        return "WebhookUnreadable"


def _about_order(react: Reaction, subject: msgspec.Raw) -> str:
    """React to what happened to one of our payments, if it is one."""
    described = msgspec.json.decode(subject, type=Subject | None)
    order_id = (described.metadata or {}).get("order_id") if described else None
    status = store.status_of(order_id) if isinstance(order_id, str) and is_order_id(order_id) else None
    if not isinstance(order_id, str) or status is None:
        return "WebhookUnrelated"  # another system's payment at the same provider
    return react(order_id, status, subject)


def _on_payment(order_id: str, status: Status, told: msgspec.Raw) -> str:
    """The same decision that our own answer would have led to, or has."""
    intent = msgspec.json.decode(told, type=Intent)
    if status in OPEN:
        Settlement(gateway(), telemetry).settle(store.load(order_id), intent.charge)
        return "WebhookSettled"
    if status in {Status.DECLINED, Status.CANCELLED} and intent.status == "succeeded":
        trail = LogContext(subject=order_id)  # where nothing was asked for, there is no cause on record
        telemetry.logger.error("money taken that nobody expects", payment_id=intent.id, **trail.as_fields())
        return "PaymentUnexpected"
    return "WebhookDuplicate"


def _on_refund(order_id: str, status: Status, told: msgspec.Raw) -> str:  # noqa: ARG001 - we ask for the refund
    """A refund that we owe is committed; one that nobody here asked for is a person's."""
    if status is Status.REFUNDED:
        return "WebhookDuplicate"
    attempt = store.load(order_id) if status is Status.CAPTURED else None
    if attempt is None or attempt.cancellation is None:
        known = LogContext.of_cause(attempt.cause, subject=order_id) if attempt else None
        trail = known or LogContext(subject=order_id)
        telemetry.logger.error("money given back that nobody here gave back", **trail.as_fields())
        return "RefundUnexpected"
    Settlement(gateway(), telemetry).refund(attempt)
    return "WebhookSettled"


def _on_refund_changed(order_id: str, status: Status, told: msgspec.Raw) -> str:
    """A refund may fail weeks after it succeeded, and come back to us: how else to pay is a person's to find.

    https://docs.stripe.com/refunds#failed-refunds
    """
    made = msgspec.json.decode(told, type=Reimbursement)
    if made.status != "failed":
        return "WebhookIgnored"
    asked = store.load(order_id) if status in {Status.CAPTURED, Status.REFUNDED} else None
    known = LogContext.of_cause(asked.cause, subject=order_id) if asked else None
    trail = known or LogContext(subject=order_id)
    telemetry.logger.error("money given back that came back to us", refund_id=made.id, **trail.as_fields())
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
    """The body as it was signed, byte for byte."""
    body: str = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _answer(status: HTTPStatus, metric: str) -> dict[str, Any]:
    telemetry.count(metric)
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": int(status), "headers": headers, "body": "{}"}
