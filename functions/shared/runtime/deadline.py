"""One deadline for a whole invocation: how much time is left, and whether a step still fits.

`serve` takes the Lambda context at the entry of a handler. Every AWS client of `clients.py` asks for the
longest time of its call before it starts one, so that no call outlives the invocation that made it.
https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

from functools import cache

from aws_lambda_powertools.utilities.typing import LambdaContext


class OutOfTimeError(Exception):
    """Too little time is left for the next step; nothing of that step was done, and it is safe to retry."""


def ran_out_of_time(failure: Exception) -> bool:
    """Whether time ran out; Powertools wraps what its idempotency layer meets."""
    return isinstance(failure, OutOfTimeError) or isinstance(failure.__cause__, OutOfTimeError)


@cache
def deadline() -> "Deadline":
    """The function's one instance."""
    return Deadline()


class Deadline:
    """The time left of the invocation being served; unlimited before the first one."""

    def __init__(self) -> None:
        self._context: LambdaContext | None = None

    def serve(self, context: LambdaContext) -> None:
        """Follow this invocation's time from here on."""
        self._context = context

    def allows(self, needed_ms: float) -> bool:
        """Whether a step that takes up to this many milliseconds would end in time."""
        return self._context is None or self._context.get_remaining_time_in_millis() >= needed_ms

    def require(self, needed_ms: float) -> None:
        """Raise `OutOfTimeError` where a step of this many milliseconds would not end in time."""
        if not self.allows(needed_ms):
            raise OutOfTimeError(f"Less than {needed_ms:.0f} ms is left of the invocation; retry it.")
