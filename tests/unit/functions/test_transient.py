"""What the same request may be answered a moment later, and what only we can mend."""

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from functions.shared.event_store.event_log import PartialReadError, RefusedError
from functions.shared.runtime.transient import is_transient


def refused(code: str, *reasons: str, status: int = 400) -> ClientError:
    response: dict[str, Any] = {
        "Error": {"Code": code, "Message": "no"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    if reasons:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, "TransactWriteItems")  # type: ignore[arg-type]  # as DynamoDB's has it


@pytest.mark.parametrize(
    "error",
    [
        refused("ThrottlingException"),
        refused("ProvisionedThroughputExceededException"),
        refused("RequestLimitExceeded"),
        refused("TransactionConflictException"),
        refused("TooManyRequestsException"),
        refused("TransactionInProgressException"),
        refused("TransactionCanceledException", "None", "TransactionConflict"),
        refused("TransactionCanceledException", "None", "ConditionalCheckFailed"),
        refused("TransactionCanceledException"),
        refused("NobodyKnows", status=500),
        refused("NobodyKnows", status=503),
        ReadTimeoutError(endpoint_url="https://dynamodb.example"),
        ConnectTimeoutError(endpoint_url="https://dynamodb.example"),
        EndpointConnectionError(endpoint_url="https://dynamodb.example"),
        PartialReadError("a part"),
        RefusedError([0]),
    ],
    ids=str,
)
def test_a_busy_moment_passes(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        refused("AccessDeniedException"),
        refused("ResourceNotFoundException"),
        refused("ValidationException"),
        refused("UnrecognizedClientException"),
        refused("TransactionCanceledException", "None", "ValidationError"),
        refused("TransactionCanceledException", "ItemCollectionSizeLimitExceeded", "TransactionConflict"),
        ParamValidationError(report="a number"),
        NoCredentialsError(),
    ],
    ids=str,
)
def test_a_fault_of_ours_does_not(error: Exception) -> None:
    assert not is_transient(error)
