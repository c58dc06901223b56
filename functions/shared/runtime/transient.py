"""Which failures pass by themselves, so that whoever asks again is helped.

Anything else (a right that is missing, a table that is gone, a call that makes no sense) is ours to mend, and
is raised: Lambda counts it as an error of the function.
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
PASSING = frozenset(
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
    """Whether the same request may be answered a moment later."""
    if isinstance(error, ClientError):
        return _is_busy(error)
    return isinstance(error, (PartialReadError, RefusedError, HTTPClientError, ConnectionError))


def _is_busy(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code == CANCELLED:
        return set(cancellation_reasons(error)) <= {"None", CONDITION_FAILED, *CONTENTION_REASONS}
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", HTTPStatus.BAD_REQUEST)
    return code in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
