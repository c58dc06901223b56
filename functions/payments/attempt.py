"""An attempt to charge an order, and its time limits."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from functions.contracts.values import Money
from functions.shared.contracts.envelope import Cause

LOCK_TIME = timedelta(minutes=5)
"""Time for which one function owns a listed attempt; its message returns after three minutes."""
MAXIMUM_WAIT = timedelta(minutes=15)
"""Maximum time between two checks of an attempt."""
KEY_RETENTION = timedelta(hours=23)
"""Time for which a gateway certainly remembers a key: Stripe prunes them after at least 24 hours."""
OVERDUE_AFTER = timedelta(hours=2)
"""An attempt that is open for longer needs a person."""


class Status(StrEnum):
    """The status of an order's payment."""

    STARTED = "started"
    """The request is sent, or about to be; the event log has the outcome, as soon as there is one."""
    UNKNOWN = "unknown"
    """The gateway gave no definite response; reconciliation resolves it."""
    CAPTURED = "captured"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    """Cancelled before it began."""
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    """Cancelled after the capture, and the customer's bank took the money back: nothing to refund."""


UNDECIDED = frozenset({Status.STARTED, Status.UNKNOWN})
"""The statuses of rows whose outcome, if there is one, is only in the event log."""


class CancellationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The cause and time of the first request to keep no money."""

    cause: Cause
    at: datetime


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """The charge, as recorded before the request to the gateway."""

    order_id: str
    status: Status
    amount: Money
    method: str
    cause: Cause
    tries: int
    first_at: datetime
    is_listed: bool
    """Whether reconciliation finds it."""
    cancellation: CancellationRequest | None

    def may_be_asked(self, now: datetime) -> bool:
        """Whether to send the key (again): the gateway remembers it, and the order is not cancelled."""
        return self.cancellation is None and now < self.first_at + KEY_RETENTION

    def last_request_at(self) -> datetime:
        """Return the time of the last possible request for the charge."""
        forgotten = self.first_at + KEY_RETENTION
        return min(self.cancellation.at, forgotten) if self.cancellation else forgotten

    def next_check(self, now: datetime) -> datetime:
        """Return the time of the next check: after 1, 2, 4, 8 minutes, up to the maximum wait."""
        return now + min(timedelta(minutes=2 ** min(self.tries - 1, 10)), MAXIMUM_WAIT)

    def is_open_too_long(self, now: datetime) -> bool:
        """Whether a person should look at it."""
        # A paid attempt is open since its cancellation, and its row may say `started`.
        asked = None if self.status is Status.UNKNOWN else self.cancellation
        return now - (asked.at if asked else self.first_at) >= OVERDUE_AFTER
