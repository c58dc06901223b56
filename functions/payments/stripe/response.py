"""Read Stripe's responses: the object that was asked for, or why the request failed."""

from http import HTTPStatus
from typing import TypeVar

import msgspec

from functions.payments.gateway import UnknownOutcomeError
from functions.payments.stripe.http import StripeResponse
from functions.payments.stripe.objects import Failure, StripeError

T = TypeVar("T")
NOT_DEFINITE = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
"""A conflict is a key in use: the first request with it is still under way."""


def error_in(response: StripeResponse) -> StripeError:
    """Return why the request failed; raise `UnknownOutcomeError` if that does not say what was done."""
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status in NOT_DEFINITE:
        raise UnknownOutcomeError(f"gateway_{response.status}", "the gateway could not say")
    return read(response, Failure).error


def read(response: StripeResponse, kind: type[T]) -> T:
    """Return the body as that object; raise `UnknownOutcomeError` if it is none."""
    try:
        return msgspec.json.decode(response.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        detail = f"the body of a response {response.status} cannot be read"
        raise UnknownOutcomeError("response_unreadable", detail) from None
