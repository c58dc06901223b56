"""The port to the payment gateway; `gateways.py` chooses the adapter."""

from datetime import timedelta
from typing import Protocol

import msgspec

from functions.contracts.values import Money

MAXIMUM_RESPONSE_MS = 10_000
"""Timeout of one request to a gateway."""


class UnknownOutcomeError(Exception):
    """The gateway gave no definite response: the money may or may not have moved.

    Never a decline. A retry with the same key is safe, and so is a lookup.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        """The kind of failure, for the operator who reads the attempt."""


class GatewayRefusedError(Exception):
    """The gateway rejects our request because of a wrong key or setting; a person must fix it."""


class MismatchError(UnknownOutcomeError):
    """The gateway reported another amount than requested; a person must look."""

    def __init__(self) -> None:
        super().__init__("amount_mismatch", "the gateway confirmed another amount than was requested")


class DisputedError(Exception):
    """The customer's bank has taken the money back (a chargeback): there is nothing to refund.

    https://docs.stripe.com/disputes
    """


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """A definite outcome: captured, or declined for a reason."""

    id: str
    captured: bool
    amount: Money
    reason: str = ""


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """All the money of a payment that was refunded, by us or by hand, and the latest of its refunds."""

    id: str
    amount: Money


class Gateway(Protocol):
    """Requests to a provider; the same key moves money once, however often it is sent.

    https://docs.stripe.com/api/idempotent_requests

    Each raises `GatewayRefusedError` if the gateway rejects our key or request.
    """

    @property
    def found_within(self) -> timedelta:
        """Time after a charge until `find` certainly finds it."""
        ...

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        """Charge; raise `UnknownOutcomeError` if the response is not definite."""
        ...

    def find(self, *, key: str, order_id: str) -> Charge | None:
        """Look up the charge; return None if it does not exist or is not visible yet.

        Raises `UnknownOutcomeError` if the response is not definite.
        """
        ...

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        """Refund what is left of the payment; return all that was refunded of it.

        `amount` is the whole payment. Raises `UnknownOutcomeError` while some of it is neither refunded nor
        refused, and `DisputedError` if the customer's bank took it back.
        """
        ...
