"""What is refused because others ask at the same moment is asked again, a few times and soon.

Neither a cancelled transaction nor a single write that meets one is among what botocore itself tries again,
so that a conflict over one hot row would cost a message its whole visibility timeout.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
"""

import time
from collections.abc import Callable
from functools import cache
from random import random
from typing import TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.telemetry import Telemetry

T = TypeVar("T")

ATTEMPTS = 4
FIRST_PAUSE = 0.05
"""Seconds at most before the second attempt; before each further one it is twice as long."""
SPARE = MAXIMUM_CALL_MS / 1000
"""Seconds of the invocation that no pause uses up, so that a last answer still meets a living function."""

CONTENTION_REASONS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
CONDITION_FAILED = "ConditionalCheckFailed"
CONTENTION_ERRORS = frozenset({"TransactionConflictException", "TooManyRequestsException"})
"""Of calls that are no transactions: one has the row in hand; SES, whose client asks once, has no time."""


@cache
def retries() -> "Retries":
    """The function's one instance."""
    return Retries()


class Retries:
    """Calls that are made again when they meet others', after a pause that chance decides (full jitter).

    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """

    def __init__(
        self, *, chance: Callable[[], float] = random, sleep: Callable[[float], None] | None = None
    ) -> None:
        self._chance = chance
        self._sleep = sleep
        self._voice: Telemetry | None = None

    def serve(self, context: LambdaContext, telemetry: Telemetry) -> None:
        """Keep to this invocation's time from here on, and count what is met in its metrics."""
        deadline().serve(context)
        self._voice = telemetry

    def run(self, call: Callable[[], T]) -> T:
        """The call's answer; raises what it raised where it is no contention, or there is too much of it."""
        for attempt in range(1, ATTEMPTS):
            try:
                return call()
            except ClientError as error:
                pause = self._chance() * FIRST_PAUSE * 2 ** (attempt - 1)
                if not is_contention(error) or not self._has_time_for(pause):
                    raise
                self._count()
                (self._sleep or time.sleep)(pause)
        return call()

    def _has_time_for(self, pause: float) -> bool:
        return deadline().allows(1000 * (pause + SPARE))

    def _count(self) -> None:
        if self._voice is not None:
            self._voice.count("Conflicted")


def cancellation_reasons(error: ClientError) -> list[str]:
    """Why a transaction was cancelled, item by item; nothing where it was not, or for another reason."""
    return [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]


def is_contention(error: ClientError) -> bool:
    """Whether another's request stood in the way; where its first condition failed, that is the answer."""
    reasons = cancellation_reasons(error)
    if not reasons:
        return error.response["Error"]["Code"] in CONTENTION_ERRORS
    return bool(CONTENTION_REASONS & set(reasons)) and reasons[0] != CONDITION_FAILED
