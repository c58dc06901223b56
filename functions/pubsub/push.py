"""The Lambda handler of the way in: what a push subscription delivers goes to the ingress bus.

API Gateway has verified the token's signature, issuer, audience and times. Any Google account can get such
a token for an audience, so the service account's address decides who may push.
https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.bridges.cloud_event import document_of
from functions.bridges.ingress import Incoming, admit
from functions.pubsub.binding import PUBSUB
from functions.shared.contracts.codec import Rejected
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.environment import required
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("pubsub-push")


class PushedMessage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A message of a topic."""

    message_id: str
    publish_time: datetime
    data: bytes = b""
    attributes: dict[str, str] = {}


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a push (https://docs.cloud.google.com/pubsub/docs/push)."""

    message: PushedMessage
    subscription: str


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Put the message on the ingress bus; respond 204 once EventBridge or the dead-letter queue has it."""
    deadline().serve(context)
    if not _is_pusher(event["requestContext"]["authorizer"]["jwt"]["claims"]):
        return _response(HTTPStatus.FORBIDDEN, "PushForbidden")
    try:
        push = msgspec.json.decode(_body(event), type=Push)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _response(HTTPStatus.BAD_REQUEST, "PushUnreadable")
    if admit("pubsub", [_incoming(push)], telemetry):
        return _response(HTTPStatus.SERVICE_UNAVAILABLE, "PushNotTaken")
    return _response(HTTPStatus.NO_CONTENT, "PushTaken")


def _is_pusher(claims: Mapping[str, str]) -> bool:
    """Return whether the service account of our subscription pushes; API Gateway's claims are all texts."""
    is_verified = claims.get("email_verified") == "true"
    return is_verified and claims.get("email") == required("PUSH_SERVICE_ACCOUNT")


def _incoming(push: Push) -> Incoming:
    message = push.message
    attributes = dict(message.attributes)
    if "ce-datacontenttype" in attributes:  # the binding's examples have it, its text has `content-type`
        attributes["content-type"] = attributes.pop("ce-datacontenttype")
    try:
        content = document_of(attributes.items(), message.data, PUBSUB)
    except Rejected:
        content = msgspec.json.encode(push).decode()
    return Incoming(
        identifier=f"{push.subscription}:{message.message_id}",
        arrived_ms=int(1000 * message.publish_time.timestamp()),
        content=content,
        document=lambda: document_of(attributes.items(), message.data, PUBSUB),
    )


def _body(event: Mapping[str, Any]) -> bytes:
    body: str = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _response(status: HTTPStatus, metric: str) -> dict[str, Any]:
    telemetry.count(metric)
    return {"statusCode": int(status), "headers": {"cache-control": "no-store"}}
