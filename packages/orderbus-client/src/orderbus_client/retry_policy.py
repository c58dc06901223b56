"""When to retry, how often, and how long to wait."""

from dataclasses import dataclass
from random import SystemRandom

uniform = SystemRandom().uniform

RETRYABLE_CODES = frozenset(
    {
        "ConcurrentModificationException",
        "InternalException",
        "InternalFailure",
        "InternalServerError",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Codes of a request or an entry that pass by themselves.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html and
https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Bounds of one call of `publish`."""

    attempts: int = 6
    """Requests for one batch, the first included."""
    base_seconds: float = 0.1
    maximum_pause_seconds: float = 5
    deadline_seconds: float = 60
    """From the start of `publish`; no request starts later. Choose less than your function's timeout."""

    def __post_init__(self) -> None:
        """Raise ValueError for bounds that would send nothing."""
        if self.attempts < 1 or min(self.base_seconds, self.maximum_pause_seconds) < 0:
            raise ValueError("a retry policy needs one attempt or more, and no negative pause")
        if self.deadline_seconds <= 0:
            raise ValueError("a retry policy needs a deadline of more than zero seconds")

    def pause_seconds(self, attempt: int) -> float:
        """Return the pause after that attempt: full jitter below an exponential bound.

        https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
        """
        bound = min(self.maximum_pause_seconds, self.base_seconds * 2 ** (attempt - 1))
        return uniform(0, bound)
