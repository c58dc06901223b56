"""Transient failures: the same request may succeed later.

All others (a missing permission, a missing table, an invalid call) are bugs of ours. They are raised, and
Lambda counts them as errors of the function.
"""

from http import HTTPStatus

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own name

from functions.shared.event_store.event_log import PartialReadError, RefusedError
from functions.shared.runtime.retry import (
    CONDITION_FAILED,
    CONTENTION_ERRORS,
    CONTENTION_REASONS,
    cancellation_reasons,
)

CANCELLED = "TransactionCanceledException"
TRANSIENT_CODES = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        *CONTENTION_ERRORS,
        "TransactionInProgressException",
    }
)
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html"""


def is_transient(error: Exception) -> bool:
    """Return whether the same request may succeed later."""
    if isinstance(error, ClientError):
        return _is_busy(error)
    return isinstance(error, (PartialReadError, RefusedError, HTTPClientError, ConnectionError))


def _is_busy(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code == CANCELLED:
        return set(cancellation_reasons(error)) <= {"None", CONDITION_FAILED, *CONTENTION_REASONS}
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", HTTPStatus.BAD_REQUEST)
    return code in TRANSIENT_CODES or status >= HTTPStatus.INTERNAL_SERVER_ERROR
