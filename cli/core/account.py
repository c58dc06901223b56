"""The AWS account of a stage, or the offline cloud, and clients of its services."""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
)
from botocore.parsers import ResponseParserError

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from infrastructure.names import Names
from pocketcloud.core.process_environment import shielded

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

RETRYING = Config(retries={"mode": "standard", "total_max_attempts": 6})
"""Retry throttled calls for up to half a minute, with growing pauses."""
UNPROXIED = Config(proxies={})
"""The offline cloud is on this machine."""
LOOK = "Check the stage, the credentials and the region, or give --profile, --region or --endpoint-url."
ADDRESS = "Use an address like http://127.0.0.1:4566."
IS_IT_UP = "Is `orderbus up` running? Give its address with --endpoint-url."
DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError"})
RIGHTS = (
    f"Reading needs the policies {Names('STAGE').of('observer*')}, "
    f"changing anything {Names('STAGE').of('operator*')}, too: docs/runbook.md."
)
OFFLINE_URL = "http://127.0.0.1:4566"
OFFLINE_REGION = "eu-west-1"
"""The defaults of `orderbus up`; it accepts any credentials."""

SERVER_ERROR_STATUS = 500
REQUEST_ID_HEADERS = ("x-amzn-requestid", "x-amz-request-id")
"""Every response of AWS has one of these."""


class Target(StrEnum):
    """The deployment that a command works on: in an AWS account, or the offline cloud."""

    AWS = "aws"
    OFFLINE = "offline"


class NotAwsError(BotoCoreError):
    """Another program than AWS responds at this address."""

    fmt = "The server at {url} is not AWS: its response has no request id."


class IdentityClient(Protocol):
    """The used part of a client of STS."""

    def get_caller_identity(self) -> dict[str, Any]:
        """Return the account and ARN of the credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A stage and its account; missing values have the defaults of the AWS CLI."""

    stage: str
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    is_offline: bool = False

    @classmethod
    def of(
        cls,
        *,
        stage: str,
        target: Target = Target.AWS,
        profile: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
    ) -> "Account":
        """Return the account that the options describe."""
        if endpoint_url and not _is_http(endpoint_url):
            raise CommandError(f"{endpoint_url} is not an HTTP address.", hint=ADDRESS, code=ExitCode.USAGE)
        if target is Target.AWS:
            return cls(stage=stage, profile=profile, region=region, endpoint_url=endpoint_url)
        if profile is not None:
            raise CommandError(
                "--profile cannot be used with --target offline.",
                hint="Leave one of the two out.",
                code=ExitCode.USAGE,
            )
        address = {"region": region or OFFLINE_REGION, "endpoint_url": endpoint_url or OFFLINE_URL}
        return cls(stage=stage, is_offline=True, **address)

    @property
    def names(self) -> Names:
        """The stage's resource names."""
        return Names(self.stage)

    @overload
    def client(self, service: Literal["apigatewayv2"]) -> "ApiGatewayV2Client": ...
    @overload
    def client(self, service: Literal["cognito-idp"]) -> "CognitoIdentityProviderClient": ...
    @overload
    def client(self, service: Literal["dynamodb"]) -> "DynamoDBClient": ...
    @overload
    def client(self, service: Literal["events"]) -> "EventBridgeClient": ...
    @overload
    def client(self, service: Literal["lambda"]) -> "LambdaClient": ...
    @overload
    def client(self, service: Literal["sns"]) -> "SNSClient": ...
    @overload
    def client(self, service: Literal["sqs"]) -> "SQSClient": ...
    @overload
    def client(self, service: Literal["cloudwatch", "kinesis", "logs"]) -> Any: ...  # noqa: ANN401 - no stubs installed
    @overload
    def client(self, service: Literal["sts"]) -> IdentityClient: ...
    def client(self, service: str) -> Any:
        """Return a client of that service."""
        try:
            config = UNPROXIED if self.is_offline else RETRYING
            client = _session(self).client(service, endpoint_url=self.endpoint_url, config=config)  # type: ignore[call-overload]  # any service's name
        except InvalidRegionError as error:  # a ValueError, too
            raise CommandError(str(error), hint="--region is like eu-west-1.", code=ExitCode.USAGE) from error
        except ValueError as error:
            raise CommandError(str(error), hint=ADDRESS, code=ExitCode.USAGE) from error
        client.meta.events.register("before-parse", partial(_check_response, client.meta.endpoint_url))
        return client

    def signed_headers(
        self, service: str, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> dict[str, str]:
        """Sign a request to an AWS endpoint that boto3 has no client for, and return all its headers."""
        session = _session(self)
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        request = AWSRequest(method, url, headers=dict(headers), data=body)
        SigV4Auth(credentials, service, session.region_name).add_auth(request)
        return dict(request.headers)

    def environment(self) -> AbstractContextManager[None]:
        """Hide the user's AWS settings from a command on the offline cloud."""
        return shielded() if self.is_offline else nullcontext()

    @property
    def caller(self) -> str:
        """The ARN of the credentials; `offline` for the offline cloud."""
        return "offline" if self.is_offline else str(self.client("sts").get_caller_identity()["Arn"])


@cache
def _session(account: Account) -> boto3.Session:
    """Return the session for all clients of a command."""
    key = "offline" if account.is_offline else None
    return boto3.Session(
        aws_access_key_id=key,
        aws_secret_access_key=key,
        profile_name=account.profile,
        # The AWS CLI and CDK also read AWS_REGION; boto3 reads only AWS_DEFAULT_REGION.
        # https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
        region_name=account.region or os.environ.get("AWS_REGION"),
    )


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # malformed brackets or port
        return False


def _check_response(url: str, response_dict: dict[str, Any], **_: object) -> None:
    """Raise NotAwsError unless AWS sent the response; boto3 retries a load balancer's server error."""
    headers = response_dict["headers"]
    if response_dict["status_code"] < SERVER_ERROR_STATUS and not any(
        name in headers for name in REQUEST_ID_HEADERS
    ):
        raise NotAwsError(url=url)


@contextmanager
def aws_errors(*, hint: str) -> Iterator[None]:
    """Turn an error of AWS, or of the connection to it, into a CommandError with this hint."""
    try:
        yield
    except (ClientError, BotoCoreError, ResponseParserError) as error:
        raise CommandError(str(error), hint=_hint(error, hint), code=ExitCode.AWS_REFUSED) from error


def _hint(error: Exception, hint: str) -> str:
    """Return the hint, with a more specific one if the error allows it."""
    if isinstance(error, EndpointConnectionError | NotAwsError) and "://127.0.0.1" in str(error):
        return f"{hint} {IS_IT_UP}"
    # AWS services use different codes for a missing permission.
    is_denied = isinstance(error, ClientError) and error.response["Error"]["Code"] in DENIED_CODES
    return f"{RIGHTS} {hint}" if is_denied else hint
