"""Transient failures: the same request may succeed later.

All others (a missing permission, a missing table, an invalid call) are bugs of ours. They are raised, and
Lambda counts them as errors of the function.
"""

from http import HTTPStatus

from botocore import exceptions
from botocore.exceptions import ClientError

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

TRANSIENT_ERRORS = (
    PartialReadError,
    RefusedError,
    exceptions.HTTPClientError,
    exceptions.ConnectionError,
)


def is_transient(error: Exception) -> bool:
    """Return whether the same request may succeed later."""
    if isinstance(error, ClientError):
        return _is_busy(error)
    return isinstance(error, TRANSIENT_ERRORS)


def _is_busy(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code == CANCELLED:
        return set(cancellation_reasons(error)) <= {"None", CONDITION_FAILED, *CONTENTION_REASONS}
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", HTTPStatus.BAD_REQUEST)
    return code in TRANSIENT_CODES or status >= HTTPStatus.INTERNAL_SERVER_ERROR
