"""The deadline of an invocation: how much time is left, and whether a step still fits.

`serve` takes the Lambda context at the start of a handler. Every AWS client of `clients.py` requires the
maximum time of a call before it starts one, so no call outlives its invocation.
https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

from functools import cache

from aws_lambda_powertools.utilities.typing import LambdaContext


class OutOfTimeError(Exception):
    """Too little time is left for the next step, which was not started; retrying is safe."""


def ran_out_of_time(failure: Exception) -> bool:
    """Return whether time ran out; Powertools wraps errors of its idempotency layer."""
    return isinstance(failure, OutOfTimeError) or isinstance(failure.__cause__, OutOfTimeError)


@cache
def deadline() -> "Deadline":
    """Return the function's one instance."""
    return Deadline()


class Deadline:
    """The time left of the current invocation; unlimited before the first one."""

    def __init__(self) -> None:
        self._context: LambdaContext | None = None

    def serve(self, context: LambdaContext) -> None:
        """Use this invocation's time from now on."""
        self._context = context

    def allows(self, needed_ms: float) -> bool:
        """Return whether a step of this many milliseconds would end in time."""
        return self._context is None or self._context.get_remaining_time_in_millis() >= needed_ms

    def require(self, needed_ms: float) -> None:
        """Raise `OutOfTimeError` if a step of this many milliseconds would not end in time."""
        if not self.allows(needed_ms):
            raise OutOfTimeError(f"Less than {needed_ms:.0f} ms is left of the invocation; retry it.")
