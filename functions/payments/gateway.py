"""The payment gateway, as payments needs it; `simulated_gateway.py` is the one behind it for now."""

from dataclasses import dataclass
from typing import Protocol

from functions.shared.contracts.values import Money


class UnknownOutcomeError(Exception):
    """The gateway gave no answer that can be trusted: the money may or may not have moved.

    Never a decline. Asking again with the same key is safe, and the only way to find out.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """The gateway's definite answer: captured, or declined for a reason."""

    id: str
    captured: bool
    amount: Money
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money given back."""

    id: str
    amount: Money


class Gateway(Protocol):
    """What any provider must do: the same key moves money once, however often it is asked.

    https://docs.stripe.com/api/idempotent_requests
    """

    def charge(self, *, key: str, amount: Money, method: str) -> Charge:
        """Take the money; raises `UnknownOutcomeError` where the answer is not definite."""
        ...

    def refund(self, *, key: str, payment_id: str, amount: Money) -> Refund:
        """Give it back; raises `UnknownOutcomeError` where the answer is not definite."""
        ...
