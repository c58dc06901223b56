"""Committing a decision while somebody waits for the answer."""

from collections.abc import Callable

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from functions.shared.event_log import RefusedError
from functions.shared.problem import ProblemError

TRIES = 3
"""Two decisions that meet are done with each other before the third, so there is no wait between."""
LEAST_TIME = 1_000
"""Milliseconds; one that is begun with less may commit after the client was told that it failed."""


def in_time(commit: Callable[[], bool], context: LambdaContext) -> bool:
    """What the commit answers, tried again where another one was in its way.

    Raises what its last try raised, or the problem `out_of_time` instead of beginning one too late.
    """
    for _ in range(TRIES - 1):
        _require_time(context)
        try:
            return commit()
        except (RefusedError, ClientError) as error:
            if not _was_in_the_way(error):
                raise
    _require_time(context)
    return commit()


def _require_time(context: LambdaContext) -> None:
    if context.get_remaining_time_in_millis() < LEAST_TIME:
        raise ProblemError("out_of_time", "nothing was done; try again, with the same key")


def _was_in_the_way(error: RefusedError | ClientError) -> bool:
    if isinstance(error, RefusedError):
        return True
    reasons = error.response.get("CancellationReasons", [])
    return any(reason.get("Code") == "TransactionConflict" for reason in reasons)
