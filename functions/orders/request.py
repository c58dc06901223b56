"""What a client may ask of us, read strictly and bounded before it is parsed."""

import base64
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

import msgspec

from functions.shared.contracts.codec import without_values
from functions.shared.contracts.values import (
    Address,
    Email,
    IdempotencyKey,
    Line,
    Lines,
    Money,
    PaymentMethod,
)
from functions.shared.problem import ProblemError, pointer_in

MAXIMUM_BODY = 64 * 1024
"""Bytes; far more than 99 lines need."""


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /orders`; it names no price, and `total` is only what the customer was shown."""

    lines: Lines
    email: Email
    ship_to: Address
    payment_method: PaymentMethod
    total: Money | None = None


class _ExactLine(Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line with no other field: facts widen, requests do not."""


class _ExactAddress(Address, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address with no other field."""


class _ExactMoney(Money, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sum with no other field."""


class _ExactRequest(OrderRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body with no other field, however deep: a misspelt one is not passed over."""

    lines: Annotated[tuple[_ExactLine, ...], msgspec.Meta(min_length=1, max_length=99)]
    ship_to: _ExactAddress
    total: _ExactMoney | None = None


def idempotency_key_of(event: Mapping[str, Any]) -> str:
    """The `Idempotency-Key` header: 1 to 255 printable ASCII characters, without blanks."""
    key = event["headers"].get("idempotency-key")
    if key is None:
        raise ProblemError(
            HTTPStatus.BAD_REQUEST,
            "idempotency_key_missing",
            "send an Idempotency-Key header, and the same one when you try again",
        )
    try:
        return msgspec.convert(key, IdempotencyKey)
    except msgspec.ValidationError:
        raise ProblemError(
            HTTPStatus.BAD_REQUEST,
            "idempotency_key_invalid",
            "an Idempotency-Key is 1 to 255 printable ASCII characters without blanks",
        ) from None


def order_request_of(event: Mapping[str, Any]) -> OrderRequest:
    """The order in the request's body."""
    body = _body_of(event)
    try:
        msgspec.json.decode(body, type=_ExactRequest)
        return msgspec.json.decode(body, type=OrderRequest)
    except msgspec.ValidationError as error:
        raise _invalid(without_values(str(error))) from None
    except (msgspec.DecodeError, UnicodeError):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "json_invalid", "the body is not JSON") from None
    except RecursionError:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "json_too_deep", "the body is nested too deeply") from None


def _body_of(event: Mapping[str, Any]) -> bytes:
    _require_json(event["headers"].get("content-type", ""))
    body = event.get("body") or ""
    if len(body) > 2 * MAXIMUM_BODY:  # base64 adds a third
        raise _too_large()
    content = _decoded(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    if len(content) > MAXIMUM_BODY:
        raise _too_large()
    if not content.strip():
        raise ProblemError(HTTPStatus.BAD_REQUEST, "body_missing", "the body is empty")
    return content


def _require_json(content_type: str) -> None:
    kind, _, parameters = content_type.lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip().strip('"')
    if kind.strip() != "application/json" or charset not in {"", "utf-8"}:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", "send application/json, in UTF-8"
        )


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:  # binascii.Error, or a character that is not ASCII
        raise ProblemError(HTTPStatus.BAD_REQUEST, "base64_invalid", "the body is not base64") from None


def _too_large() -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", f"the body is larger than {MAXIMUM_BODY} bytes"
    )


def _invalid(complaint: str) -> ProblemError:
    pointer = pointer_in(complaint)
    detail = complaint.partition(" - at `")[0]
    if "unknown field" in complaint:
        return ProblemError(HTTPStatus.BAD_REQUEST, "extra_forbidden", detail, pointer)
    if not pointer:
        return ProblemError(
            HTTPStatus.BAD_REQUEST, "json_no_object", "the body is not a JSON object", pointer
        )
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, pointer)
