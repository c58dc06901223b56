"""AWS clients, made at first use: importing a handler costs no connection and needs no region."""

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
"""Milliseconds that one call to AWS may take, the second attempt included.

Waiting for AWS must end before the function does, so that a late answer never meets a dead invocation. Two
attempts, each of a second to connect and two for the answer, and at most a second's pause between them; not
counted is what looking up a name takes.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""
_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})

MAXIMUM_EMAIL_MS = 16_000
"""Milliseconds that SES may take: a second attempt, where the first was only slow, is a second letter."""
_ONCE = Config(connect_timeout=1, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})


@cache
def dynamodb() -> "DynamoDBClient":
    """DynamoDB."""
    return _within_deadline(boto3.client("dynamodb", config=_CONFIG))


@cache
def events() -> "EventBridgeClient":
    """EventBridge."""
    return _within_deadline(boto3.client("events", config=_CONFIG))


@cache
def sqs() -> "SQSClient":
    """SQS."""
    return _within_deadline(boto3.client("sqs", config=_CONFIG))


@cache
def secrets_manager() -> Any:  # noqa: ANN401 - one call of it does not pay for its stubs
    """Secrets Manager."""
    return _within_deadline(boto3.client("secretsmanager", config=_CONFIG))


@cache
def ses() -> "SESV2Client":
    """SES; no call is made twice, and each is waited for, with time left to record that it was made."""
    return _within_deadline(boto3.client("sesv2", config=_ONCE), MAXIMUM_EMAIL_MS + MAXIMUM_CALL_MS)


def _within_deadline(client: Client, needed_ms: int = MAXIMUM_CALL_MS) -> Client:
    """Let the client start no call that could outlive the invocation; nothing was sent where it raises."""
    untyped: Any = client  # the stubs have no type that all clients share
    call = untyped._make_api_call  # noqa: SLF001 - the one method behind all others, paginators' too

    def call_in_time(operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - any operation's
        deadline().require(needed_ms)
        return call(operation, parameters)

    untyped._make_api_call = call_in_time  # noqa: SLF001 - as above
    return client
