"""AWS clients, created at first use: importing a handler needs no connection and no region."""

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config

from functions.shared.runtime.deadline import deadline

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

Client = TypeVar("Client")

MAXIMUM_CALL_MS = 7_000
"""Maximum time of one call to AWS, including its second attempt.

A call must end before its invocation does. There are two attempts, each with one second to connect and two to
read, and a pause of at most one second between them; name resolution is not counted.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""
_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})

MAXIMUM_EMAIL_MS = 16_000
"""Maximum time of a call to SES, which has no second attempt: it would send the email twice."""
_ONCE = Config(connect_timeout=1, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the client of DynamoDB."""
    return _within_deadline(boto3.client("dynamodb", config=_CONFIG))


@cache
def events() -> "EventBridgeClient":
    """Return the client of EventBridge."""
    return _within_deadline(boto3.client("events", config=_CONFIG))


@cache
def sqs() -> "SQSClient":
    """Return the client of SQS."""
    return _within_deadline(boto3.client("sqs", config=_CONFIG))


@cache
def secrets_manager() -> Any:  # noqa: ANN401 - one call is not worth its stubs
    """Return the client of Secrets Manager."""
    return _within_deadline(boto3.client("secretsmanager", config=_CONFIG))


@cache
def ses() -> "SESV2Client":
    """Return the client of SES, which calls once and leaves time to record the call."""
    return _within_deadline(boto3.client("sesv2", config=_ONCE), MAXIMUM_EMAIL_MS + MAXIMUM_CALL_MS)


def _within_deadline(client: Client, needed_ms: int = MAXIMUM_CALL_MS) -> Client:
    """Make the client raise `OutOfTimeError` before a call that could outlive the invocation."""
    untyped: Any = client  # the stubs have no common type of clients
    call = untyped._make_api_call  # noqa: SLF001 - all operations and paginators use this method

    def call_in_time(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        deadline().require(needed_ms)
        response: dict[str, Any] = call(operation, parameters)
        return response

    untyped._make_api_call = call_in_time  # noqa: SLF001 - as above
    return client
