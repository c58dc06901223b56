"""AWS clients, created at first use: importing a handler needs no connection and no region.

They are botocore's: boto3 around them only adds to a cold start.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import NoCredentialsError
from botocore.session import Session

from functions.shared.runtime.deadline import deadline

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

Client = Any
"""botocore generates the classes of its clients at run time."""

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
    client: DynamoDBClient = _client("dynamodb")
    return client


@cache
def events() -> "EventBridgeClient":
    """Return the client of EventBridge."""
    client: EventBridgeClient = _client("events")
    return client


@cache
def sqs() -> "SQSClient":
    """Return the client of SQS."""
    client: SQSClient = _client("sqs")
    return client


@cache
def kinesis() -> Client:
    """Return the client of Kinesis; only the layer of a stage with the ordered stream has it."""
    return _client("kinesis")


@cache
def secrets_manager() -> Client:
    """Return the client of Secrets Manager."""
    return _client("secretsmanager")


@cache
def ses() -> "SESV2Client":
    """Return the client of SES, which calls once and leaves time to record the call."""
    client: SESV2Client = _client("sesv2", _ONCE, MAXIMUM_EMAIL_MS + MAXIMUM_CALL_MS)
    return client


def role_credentials() -> "ReadOnlyCredentials":
    """Return the credentials of the function's role, to sign a request to a service without a client."""
    credentials = _session().get_credentials()
    if credentials is None:
        raise NoCredentialsError
    frozen: ReadOnlyCredentials = credentials.get_frozen_credentials()
    return frozen


@cache
def _session() -> Session:
    return Session()


def _client(service: str, config: Config = _CONFIG, needed_ms: int = MAXIMUM_CALL_MS) -> Client:
    """Return a client that raises `OutOfTimeError` before a call that could outlive the invocation."""
    client: Client = _session().create_client(service, config=config)
    call = client._make_api_call  # noqa: SLF001 - all operations and paginators use this method

    def call_in_time(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        deadline().require(needed_ms)
        response: dict[str, Any] = call(operation, parameters)
        return response

    client._make_api_call = call_in_time  # noqa: SLF001 - as above
    return client
