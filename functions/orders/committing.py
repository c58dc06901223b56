"""Committing a decision while somebody waits for the answer."""

from collections.abc import Callable

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.shared.clients import LONGEST_CALL
from functions.shared.event_log import RefusedError
from functions.shared.problem import ProblemError

TRIES = 3
"""Between our look and our decision a payment may confirm the order; nothing else keeps it open."""
LEAST_TIME = LONGEST_CALL
"""Milliseconds; one that is begun with less may commit after the client was told that it failed."""


def in_time(commit: Callable[[], bool], context: LambdaContext) -> bool:
    """What the commit answers, tried again where something else was decided since it looked.

    Raises `RefusedError` where that happened every time, and `out_of_time` instead of beginning too late.
    """
    for _ in range(TRIES - 1):
        _require_time(context)
        try:
            return commit()
        except RefusedError:
            continue
    _require_time(context)
    return commit()


def _require_time(context: LambdaContext) -> None:
    if context.get_remaining_time_in_millis() < LEAST_TIME:
        raise ProblemError("out_of_time", "nothing was done; try again, with the same key")
