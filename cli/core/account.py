"""Which AWS account, or which endpoint that speaks like one, a command works on."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, InvalidRegionError
from botocore.parsers import ResponseParserError

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from functions.views.store import PartialWriteError
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

PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 6})
"""AWS may throttle a call: it is tried for up to half a minute, at growing intervals."""
UNPROXIED = Config(proxies={})
"""The offline cloud is on this machine, where no proxy is needed."""
LOOK = "Check the stage, the credentials and the region, or give --profile, --region or --endpoint-url."
ADDRESS = "--endpoint-url is like http://127.0.0.1:4566."
IS_IT_UP = "Is `orderbus up` running? --endpoint-url says where."
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError"})
RIGHTS = (
    f"To look takes the policies {Names('STAGE').of('observer*')}, "
    f"to change anything {Names('STAGE').of('operator*')} as well: docs/runbook.md."
)
OFFLINE_URL = "http://127.0.0.1:4566"
OFFLINE_REGION = "eu-west-1"
"""What `orderbus up` serves, unless it is told otherwise; any credentials will do there."""


SERVER_ERRORS = 500
REQUEST_IDS = ("x-amzn-requestid", "x-amz-request-id")
"""Every response of AWS has one of these headers."""


class Target(StrEnum):
    """Where the stage is deployed."""

    AWS = "aws"
    OFFLINE = "offline"


class NotAwsError(BotoCoreError):
    """Another program responds at this address."""

    fmt = "The server at {url} is not AWS: its response has no request id."


class Identities(Protocol):
    """As much of a client of STS as is used here."""

    def get_caller_identity(self) -> dict[str, Any]:
        """Whose credentials these are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A stage, and how to get there; what is left out is as the AWS command line would have it."""

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
        """What the options of a command line mean."""
        if endpoint_url and not _is_http(endpoint_url):
            raise CommandError(f"{endpoint_url} is no HTTP address.", hint=ADDRESS, code=ExitCode.USAGE)
        if target is Target.AWS:
            return cls(stage=stage, profile=profile, region=region, endpoint_url=endpoint_url)
        if profile is not None:
            raise CommandError(
                "--profile names an account, and --target offline is none.",
                hint="Leave one of the two out.",
                code=ExitCode.USAGE,
            )
        where = {"region": region or OFFLINE_REGION, "endpoint_url": endpoint_url or OFFLINE_URL}
        return cls(stage=stage, is_offline=True, **where)

    @property
    def names(self) -> Names:
        """The names of the stage's resources."""
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
    def client(self, service: Literal["cloudwatch", "logs"]) -> Any: ...  # noqa: ANN401 - no stubs installed
    @overload
    def client(self, service: Literal["sts"]) -> Identities: ...
    def client(self, service: str) -> Any:
        """A client of that service there."""
        try:
            config = UNPROXIED if self.is_offline else PATIENT
            client = _session(self).client(service, endpoint_url=self.endpoint_url, config=config)  # type: ignore[call-overload]  # any service's name
        except InvalidRegionError as error:  # a ValueError, too
            raise CommandError(str(error), hint="--region is like eu-west-1.", code=ExitCode.USAGE) from error
        except ValueError as error:
            raise CommandError(str(error), hint=ADDRESS, code=ExitCode.USAGE) from error
        client.meta.events.register("before-parse", partial(_check_response, client.meta.endpoint_url))
        return client

    def environment(self) -> AbstractContextManager[None]:
        """Hide the user's AWS settings from a command on the offline cloud; an account needs them."""
        return shielded() if self.is_offline else nullcontext()

    @property
    def caller(self) -> str:
        """Who is asking: the ARN of the credentials; offline there is nobody in particular."""
        return "offline" if self.is_offline else str(self.client("sts").get_caller_identity()["Arn"])


@cache
def _session(account: Account) -> boto3.Session:
    """One for all the clients of a command; an offline cloud takes any credentials."""
    key = "offline" if account.is_offline else None
    return boto3.Session(
        aws_access_key_id=key,
        aws_secret_access_key=key,
        profile_name=account.profile,
        # The AWS command line and CDK read AWS_REGION as well; boto3 only AWS_DEFAULT_REGION.
        # https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
        region_name=account.region or os.environ.get("AWS_REGION"),
    )


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or a port that cannot be
        return False


def _check_response(url: str, response_dict: dict[str, Any], **_: object) -> None:
    """Raise NotAwsError unless AWS sent this; a load balancer's server error is retried as it is."""
    headers = response_dict["headers"]
    if response_dict["status_code"] < SERVER_ERRORS and not any(name in headers for name in REQUEST_IDS):
        raise NotAwsError(url=url)


@contextmanager
def aws_errors(*, hint: str) -> Iterator[None]:
    """What AWS refuses, or who cannot be reached, in one sentence and with this hint."""
    try:
        yield
    except (ClientError, BotoCoreError, PartialWriteError, ResponseParserError) as error:
        raise CommandError(str(error), hint=_hint(error, hint), code=ExitCode.AWS_REFUSED) from error


def _hint(error: Exception, hint: str) -> str:
    """The hint with what is plain from the error itself."""
    if isinstance(error, EndpointConnectionError | NotAwsError) and "://127.0.0.1" in str(error):
        return f"{hint} {IS_IT_UP}"
    # AWS's services do not agree on the word for it.
    is_denied = isinstance(error, ClientError) and error.response["Error"]["Code"] in DENIED
    return f"{RIGHTS} {hint}" if is_denied else hint
