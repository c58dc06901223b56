"""Strict reading of an HTTP request: its idempotency key, its body and its cause."""

import base64
import hashlib
import os
import re
import uuid
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from functions.contracts.inbound import NO_POSTAL_CODE, EnteredAddress, EnteredEmail, EnteredGiftMessage
from functions.contracts.values import NAMESPACE, IdempotencyKey, Line, Lines, Money, PaymentMethod
from functions.orders.domain import RequestedOrder
from functions.shared.contracts.codec import without_values
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.media_type import JSON
from functions.shared.contracts.normal_form import composed
from functions.shared.runtime import strict_json
from functions.shared.runtime.problem import ProblemError, pointer_in
from functions.shared.runtime.strict_json import Json, JsonFaultError

MAXIMUM_BODY_BYTES = 64 * 1024
"""Several times the size of an order with 99 lines."""
EXPLANATIONS = {
    "/email": "not an email address, such as kim@example.com; international mailboxes are not supported",
    "/gift_message": "not one line of 1 to 200 characters of plain text",
    "/ship_to/country": "not a country code of ISO 3166-1 alpha-2, such as GB",
}
"""Error details that replace a long regular expression, by field."""

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_XRAY = re.compile(r"Root=1-([0-9a-f]{8})-([0-9a-f]{24})")


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /orders`; it names no price, and `total` is only what the customer was shown."""

    lines: Lines
    email: EnteredEmail
    ship_to: EnteredAddress
    payment_method: PaymentMethod
    total: Money | None = None
    gift_message: EnteredGiftMessage | msgspec.UnsetType = msgspec.UNSET

    def of_customer(self, customer_id: str, *, order_id: str) -> RequestedOrder:
        """Return the order that this customer asks for."""
        return RequestedOrder(
            order_id=order_id,
            customer_id=customer_id,
            email=self.email,
            ship_to=self.ship_to.as_address(),
            lines=self.lines,
            payment_method=self.payment_method,
            gift_message=self.gift_message,
        )


class ExactLine(Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line with no other field: facts widen, requests do not."""


class ExactAddress(EnteredAddress, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address with no other field."""


class ExactMoney(Money, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sum with no other field."""


class ExactRequest(OrderRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of `POST /orders`, with no other field at any depth: a misspelt field is an error."""

    lines: Annotated[tuple[ExactLine, ...], msgspec.Meta(min_length=1, max_length=99)]
    ship_to: ExactAddress
    total: ExactMoney | None = None


def idempotency_key_of(event: Mapping[str, Any]) -> str:
    """Return the `Idempotency-Key` header: 1 to 255 printable ASCII characters without blanks."""
    key = event["headers"].get("idempotency-key")
    if key is None:
        raise ProblemError(
            "idempotency_key_missing", "send an Idempotency-Key header, and the same one when you try again"
        )
    try:
        return msgspec.convert(key, IdempotencyKey)
    except msgspec.ValidationError:
        raise ProblemError(
            "idempotency_key_invalid",
            "an Idempotency-Key is 1 to 255 printable ASCII characters without blanks",
        ) from None


def order_request_of(event: Mapping[str, Any]) -> OrderRequest:
    """Return the order in the request's body."""
    document = composed(_json_of(event))
    try:
        exact = msgspec.convert(document, ExactRequest)
        request = msgspec.convert(msgspec.to_builtins(exact), OrderRequest)
    except msgspec.ValidationError as error:
        raise _invalid(without_values(str(error))) from None
    if request.ship_to.lacks_postal_code:
        raise ProblemError("invalid", NO_POSTAL_CODE, "/ship_to/postal_code")
    return request


def check_email(request: OrderRequest, event: Mapping[str, Any]) -> None:
    """Reject an address that the token does not prove, in a stage whose issuer proves addresses.

    https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims (`email`, `email_verified`)
    """
    if not os.environ.get("VERIFIED_EMAIL"):
        return
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    is_proved = claims.get("email_verified") == "true" and "email" in claims
    if not is_proved or claims["email"].casefold() != request.email.casefold():
        raise ProblemError(
            "email_not_verified", "the address is not the verified one of your account", "/email"
        )


def cause_of(event: Mapping[str, Any], *, correlation_id: str) -> Cause:
    """Return the request as a cause; continue the client's trace, or start one."""
    request_id = event["requestContext"]["requestId"]
    headers = event["headers"]
    return Cause(
        id=str(uuid.uuid5(NAMESPACE, f"request|{request_id}")),
        correlation_id=correlation_id,
        traceparent=_w3c_trace(headers) or _xray_trace(headers) or _new_trace(request_id),
    )


def _json_of(event: Mapping[str, Any]) -> Json:
    try:
        return strict_json.parse(_content_of(event))
    except JsonFaultError as fault:
        raise ProblemError(fault.code, fault.detail, fault.pointer, offset=fault.offset) from None


def _content_of(event: Mapping[str, Any]) -> bytes:
    """Return the body; reject other media types, compression and large bodies before parsing."""
    headers = event["headers"]
    if not re.search(JSON, headers.get("content-type", "")):
        raise ProblemError("content_type", "send application/json, in UTF-8")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError("content_encoding", "send the body as it is")
    body = event.get("body") or ""
    if len(body) > 2 * MAXIMUM_BODY_BYTES:  # base64 adds a third
        raise _too_large()
    content = _decoded(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    if len(content) > MAXIMUM_BODY_BYTES:
        raise _too_large()
    if not content.strip():
        raise ProblemError("body_missing", "the body is empty")
    return content


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:  # binascii.Error, or a character that is not ASCII
        raise ProblemError("base64_invalid", "the body is not base64") from None


def _too_large() -> ProblemError:
    return ProblemError("body_too_large", f"the body is larger than {MAXIMUM_BODY_BYTES} bytes")


def _invalid(message: str) -> ProblemError:
    """Return the problem for a message of msgspec."""
    pointer = pointer_in(message)
    detail = message.partition(" - at `")[0]
    if "unknown field" in message:
        return ProblemError("extra_forbidden", detail, pointer)
    if not pointer:
        return ProblemError("json_no_object", "the body is not a JSON object", pointer)
    if "matching regex" in detail:
        detail = EXPLANATIONS.get(pointer, detail)
    return ProblemError("invalid", detail, pointer)


def _w3c_trace(headers: Mapping[str, str]) -> str | None:
    """Return the client's own trace (https://www.w3.org/TR/trace-context/) if it is valid."""
    found = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    return found[0] if found else None


def _xray_trace(headers: Mapping[str, str]) -> str | None:
    """Return X-Ray's trace in W3C's form (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html)."""
    found = _XRAY.search(headers.get("x-amzn-trace-id", ""))
    return f"00-{found[1]}{found[2]}-{found[2][:16]}-01" if found else None


def _new_trace(request_id: str) -> str:
    digest = hashlib.sha256(request_id.encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-01"
