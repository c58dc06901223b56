"""Tests of which errors are transient, and which are bugs of ours."""

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
from functions.shared.runtime.transient import CANCELLED, is_transient


def client_error(code: str, *reasons: str, status: int = 400) -> ClientError:
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
        client_error("ThrottlingException"),
        client_error("ProvisionedThroughputExceededException"),
        client_error("RequestLimitExceeded"),
        client_error("TransactionConflictException"),
        client_error("TooManyRequestsException"),
        client_error("TransactionInProgressException"),
        client_error("TransactionCanceledException", "None", "TransactionConflict"),
        client_error("TransactionCanceledException", "None", "ConditionalCheckFailed"),
        client_error("TransactionCanceledException"),
        client_error("NobodyKnows", status=500),
        client_error("NobodyKnows", status=503),
        ReadTimeoutError(endpoint_url="https://dynamodb.example"),
        ConnectTimeoutError(endpoint_url="https://dynamodb.example"),
        EndpointConnectionError(endpoint_url="https://dynamodb.example"),
        PartialReadError("a part"),
        RefusedError([0]),
    ],
    ids=str,
)
def test_busy_error_is_transient(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        client_error("AccessDeniedException"),
        client_error("ResourceNotFoundException"),
        client_error("ValidationException"),
        client_error("UnrecognizedClientException"),
        client_error("TransactionCanceledException", "None", "ValidationError"),
        client_error(CANCELLED, "ItemCollectionSizeLimitExceeded", "TransactionConflict"),
        ParamValidationError(report="a number"),
        NoCredentialsError(),
    ],
    ids=str,
)
def test_bug_of_ours_is_not_transient(error: Exception) -> None:
    assert not is_transient(error)
