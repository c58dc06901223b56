"""What a client may ask of us, read strictly and bounded before it is parsed."""

from collections.abc import Mapping
from typing import Annotated, Any
from unicodedata import normalize

import msgspec
from msgspec.structs import replace

from functions.orders.body import json_of
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
from functions.shared.strict_json import FORBIDDEN

PlainText = Annotated[str, msgspec.Meta(pattern=rf"^[^{FORBIDDEN}]{{1,100}}(?!\n)$")]
"""What `Text` takes, but for what is invisible."""


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /orders`; it names no price, and `total` is only what the customer was shown."""

    lines: Lines
    email: Email
    ship_to: Address
    payment_method: PaymentMethod
    total: Money | None = None


class ExactLine(Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line with no other field: facts widen, requests do not."""


class ExactAddress(Address, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address with no other field, and nothing in it that the door refuses in any text."""

    name: PlainText
    street: PlainText
    city: PlainText


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
    document = json_of(event)
    try:
        composed = _composed(msgspec.convert(document, ExactRequest))
        # Some letters take more room composed, so that a name may have grown too long.
        return msgspec.convert(msgspec.to_builtins(composed), OrderRequest)
    except msgspec.ValidationError as error:
        raise _invalid(without_values(str(error))) from None


def _composed(request: ExactRequest) -> ExactRequest:
    """The same with one spelling for each letter, so that two keyboards do not make two wishes.

    https://www.unicode.org/reports/tr15/ (NFC)
    """
    to = request.ship_to
    name, street, city = (normalize("NFC", text) for text in (to.name, to.street, to.city))
    return replace(request, ship_to=replace(to, name=name, street=street, city=city))


def _invalid(complaint: str) -> ProblemError:
    pointer = pointer_in(complaint)
    detail = complaint.partition(" - at `")[0]
    if "unknown field" in complaint:
        return ProblemError("extra_forbidden", detail, pointer)
    if not pointer:
        return ProblemError("json_no_object", "the body is not a JSON object", pointer)
    return ProblemError("invalid", detail, pointer)
