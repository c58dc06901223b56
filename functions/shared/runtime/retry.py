"""Retries of calls that fail through contention, up to four attempts with full jitter.

botocore does not retry a cancelled transaction, or a single write that conflicts with one. Without a retry, a
conflict over one hot row would cost a message its whole visibility timeout.
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
FIRST_PAUSE_SECONDS = 0.05
"""The longest pause before the second attempt; it doubles before each further one."""
RESERVE_SECONDS = MAXIMUM_CALL_MS / 1000
"""Kept in reserve so the last attempt can finish before the invocation times out."""

CONTENTION_REASONS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
CONDITION_FAILED = "ConditionalCheckFailed"
CONTENTION_ERRORS = frozenset({"TransactionConflictException", "TooManyRequestsException"})
"""Error codes worth retrying outside transactions: DynamoDB item contention and SES throttling."""


@cache
def retries() -> "Retries":
    """Return the function's one instance."""
    return Retries()


class Retries:
    """Retries with full jitter.

    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """

    def __init__(
        self, *, chance: Callable[[], float] = random, sleep: Callable[[float], None] | None = None
    ) -> None:
        self._chance = chance
        self._sleep = sleep
        self._telemetry: Telemetry | None = None

    def serve(self, context: LambdaContext, telemetry: Telemetry) -> None:
        """Use this invocation's time and metrics from now on."""
        deadline().serve(context)
        self._telemetry = telemetry

    def run(self, call: Callable[[], T]) -> T:
        """Return the call's result; raise its error if it is not contention, or after the last attempt."""
        for attempt in range(1, ATTEMPTS):
            try:
                return call()
            except ClientError as error:
                pause = self._chance() * FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
                if not is_contention(error) or not self._has_time_for(pause):
                    raise
                self._count()
                (self._sleep or time.sleep)(pause)
        return call()

    def _has_time_for(self, pause: float) -> bool:
        return deadline().allows(1000 * (pause + RESERVE_SECONDS))

    def _count(self) -> None:
        if self._telemetry is not None:
            self._telemetry.count("Conflicted")


def cancellation_reasons(error: ClientError) -> list[str]:
    """Return why a transaction was cancelled, item by item; nothing for any other error."""
    return [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]


def is_contention(error: ClientError) -> bool:
    """Return whether another request caused the error; a failed first condition decides otherwise."""
    reasons = cancellation_reasons(error)
    if not reasons:
        return error.response["Error"]["Code"] in CONTENTION_ERRORS
    return bool(CONTENTION_REASONS & set(reasons)) and reasons[0] != CONDITION_FAILED
