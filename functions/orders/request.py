"""What a client may ask of us, read strictly and bounded before it is parsed."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from functions.contracts.inbound import NO_POSTAL_CODE, EnteredAddress, EnteredEmail
from functions.contracts.values import (
    IdempotencyKey,
    Line,
    Lines,
    Money,
    PaymentMethod,
)
from functions.orders.body import json_of
from functions.shared.contracts.codec import without_values
from functions.shared.contracts.normal_form import composed
from functions.shared.runtime.problem import ProblemError, pointer_in

EXPLANATIONS = {
    "/email": "not an email address, such as kim@example.com; international mailboxes are not supported",
    "/ship_to/country": "not a country code of ISO 3166-1 alpha-2, such as GB",
}
"""Details in place of a regular expression that nobody can read."""


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /orders`; it names no price, and `total` is only what the customer was shown."""

    lines: Lines
    email: EnteredEmail
    ship_to: EnteredAddress
    payment_method: PaymentMethod
    total: Money | None = None


class ExactLine(Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line with no other field: facts widen, requests do not."""


class ExactAddress(EnteredAddress, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address with no other field."""


class ExactMoney(Money, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sum with no other field."""


class ExactRequest(OrderRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of `POST /orders`, with no other field, however deep: a misspelt one is not passed over."""

    lines: Annotated[tuple[ExactLine, ...], msgspec.Meta(min_length=1, max_length=99)]
    ship_to: ExactAddress
    total: ExactMoney | None = None


def idempotency_key_of(event: Mapping[str, Any]) -> str:
    """The `Idempotency-Key` header: 1 to 255 printable ASCII characters, without blanks."""
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
    """The order in the request's body."""
    document = composed(json_of(event))
    try:
        exact = msgspec.convert(document, ExactRequest)
        request = msgspec.convert(msgspec.to_builtins(exact), OrderRequest)
    except msgspec.ValidationError as error:
        raise _invalid(without_values(str(error))) from None
    if request.ship_to.lacks_postal_code:
        raise ProblemError("invalid", NO_POSTAL_CODE, "/ship_to/postal_code")
    return request


def _invalid(complaint: str) -> ProblemError:
    pointer = pointer_in(complaint)
    detail = complaint.partition(" - at `")[0]
    if "unknown field" in complaint:
        return ProblemError("extra_forbidden", detail, pointer)
    if not pointer:
        return ProblemError("json_no_object", "the body is not a JSON object", pointer)
    if "matching regex" in detail:
        detail = EXPLANATIONS.get(pointer, detail)
    return ProblemError("invalid", detail, pointer)
