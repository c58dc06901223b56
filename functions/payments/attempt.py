"""An attempt to charge an order, and how long payments is patient with one."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from functions.contracts.values import Money
from functions.shared.contracts.envelope import Cause

PATIENCE = timedelta(minutes=5)
"""How long an attempt is left to whoever has it: a look, or its message, which comes again after three."""
LONGEST_WAIT = timedelta(minutes=15)
"""Between two looks at the same attempt."""
KEY_IS_KEPT = timedelta(hours=23)
"""How long a gateway certainly remembers a key: Stripe prunes them after at least 24 hours."""
TOO_LONG = timedelta(hours=2)
"""An attempt that is open for longer is for a person to see."""


class Status(StrEnum):
    """What is known about an order's payment."""

    STARTED = "started"
    """The gateway is asked, or about to be."""
    UNKNOWN = "unknown"
    """The gateway gave no definite answer; reconciliation finds it out."""
    CAPTURED = "captured"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    """Called off before it began."""
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    """Cancelled after the capture, and the customer's bank took the money back: nothing to refund."""


class CallingOff(msgspec.Struct, frozen=True, kw_only=True):
    """The wish that no money be kept, and when it was first heard."""

    cause: Cause
    at: datetime


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the gateway, as it was written down before it was asked."""

    order_id: str
    status: Status
    amount: Money
    method: str
    cause: Cause
    tries: int
    first_at: datetime
    called_off: CallingOff | None

    def may_be_asked(self, now: datetime) -> bool:
        """Whether to show the gateway the key (again): while it certainly knows it, and somebody wants it."""
        return self.called_off is None and now < self.first_at + KEY_IS_KEPT

    def quiet_since(self) -> datetime:
        """From when on nobody asks for the charge any more."""
        forgotten = self.first_at + KEY_IS_KEPT
        return min(self.called_off.at, forgotten) if self.called_off else forgotten

    def next_look(self, now: datetime) -> datetime:
        """When to look again: after 1, 2, 4, 8 minutes and so on, and never later than the longest wait."""
        return now + min(timedelta(minutes=2 ** min(self.tries - 1, 10)), LONGEST_WAIT)

    def is_open_too_long(self, now: datetime) -> bool:
        """Whether a person should know of it."""
        refund_owed = self.called_off if self.status is Status.CAPTURED else None
        return now - (refund_owed.at if refund_owed else self.first_at) >= TOO_LONG
