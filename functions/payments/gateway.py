"""The payment gateway, as payments needs it; `gateways.py` says which one is behind it."""

from datetime import timedelta
from typing import Protocol

import msgspec

from functions.contracts.values import Money

MAXIMUM_RESPONSE_MS = 10_000
"""Milliseconds that a gateway may take to answer, or to be given up."""


class UnknownOutcomeError(Exception):
    """The gateway gave no answer that can be trusted: the money may or may not have moved.

    Never a decline. Asking again with the same key is safe, and so is looking it up.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        """Which kind of silence it was, for the operator who reads the attempt."""


class GatewayRefusedError(Exception):
    """The gateway does not take our request at all: a wrong key or setting, which a person has to mend."""


class MismatchError(UnknownOutcomeError):
    """The gateway answered for another sum than it was asked for: a person has to look."""

    def __init__(self) -> None:
        super().__init__("amount_mismatch", "the gateway answered for another sum than it was asked for")


class DisputedError(Exception):
    """The customer's bank has taken the money back (a chargeback): there is nothing to refund.

    https://docs.stripe.com/disputes
    """


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway's definite answer: captured, or declined for a reason."""

    id: str
    captured: bool
    amount: Money
    reason: str = ""


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """All the money of a payment that was refunded, by us or by hand, and the latest of its refunds."""

    id: str
    amount: Money


class Gateway(Protocol):
    """What any provider must do: the same key moves money once, however often it is asked.

    https://docs.stripe.com/api/idempotent_requests

    Each raises `GatewayRefusedError` where it is not even listened to.
    """

    @property
    def found_within(self) -> timedelta:
        """How long after a charge was asked for it is certain that `find` would find it."""
        ...

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        """Take the money; raises `UnknownOutcomeError` where the answer is not definite."""
        ...

    def find(self, *, key: str, order_id: str) -> Charge | None:
        """What became of that charge, or None where it is not there, or not to be seen yet.

        Moves nothing; raises `UnknownOutcomeError` where the answer is not definite.
        """
        ...

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        """Refund what is left of the payment; return all that was refunded of it.

        `amount` is the whole payment. Raises `UnknownOutcomeError` while some of it is neither refunded nor
        refused, and `DisputedError` if the customer's bank took it back.
        """
        ...
